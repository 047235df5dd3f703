#!/usr/bin/env bash
# Install what recipes need, and a Docker engine, on ubuntu.
uname -r
cat /etc/os-release
apt update
apt upgrade
apt install iproute2 bridge-utils iptables
apt install ca-certificates curl
mkdir /etc/apt/keyrings
curl -fsSL https://download.docker.com/linux/ubuntu/gpg | apt-key add -
add-apt-repository "deb [arch=amd64] https://download.docker.com/linux/ubuntu $(lsb_release -cs) stable"
apt update
apt install docker-ce docker-ce-cli containerd.io
service docker start
docker run hello-world
docker version
docker images
