#!/usr/bin/env bash
# Docker's network, by hand: a container joined to a bridge, and out to the world.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
docker run -d -t -i --net=none --name 6414d7278905 ubuntu:14.04 bash
pid=$(docker inspect -f '{{.State.Pid}}' 6414d7278905)
ip netns add netns666
mount --bind /proc/$pid/ns/net /var/run/netns/netns666
ip link add name veth_d366 type veth peer name veth_d366_peer
ip link set veth_d366_peer netns netns666
ip -n netns666 link set veth_d366_peer name eth0
ip -n netns666 link set lo up
ip -n netns666 addr add 10.0.0.2/24 brd + dev eth0
ip -n netns666 link set eth0 up
ip link add name br666 type bridge
ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip link set veth_d366 master br666
ip addr add 10.0.0.1/24 brd + dev br666
ip link set br666 up
ip link set veth_d366 up
iptables -w -t nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE
sysctl -w net.ipv4.ip_forward=1
iptables -w -A FORWARD -i br666 -o br666 -j ACCEPT
iptables -w -A FORWARD -i br666 ! -o br666 -j ACCEPT
iptables -w -A FORWARD ! -i br666 -o br666 -j ACCEPT
ip -n netns666 route add default via 10.0.0.1 dev eth0
