#!/usr/bin/env bash
# Put Docker's containers on bridge bridge0 instead of docker0.
service docker stop
ip link set dev docker0 down
brctl delbr docker0
brctl addbr bridge0
ip link set bridge0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 192.168.5.1/24 dev bridge0
ip link set dev bridge0 up
ip addr show bridge0
echo 'DOCKER_OPTS="-b=bridge0"' >> /etc/default/docker
service docker start
docker network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge
ip link del dev docker0
