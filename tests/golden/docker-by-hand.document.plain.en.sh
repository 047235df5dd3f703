#!/usr/bin/env bash
# Docker's network, by hand: a container joined to a bridge, and out to the world.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
docker run -t -i --net=none ubuntu:14.04 bash
docker ps
pid=$(docker inspect -f '{{.State.Pid}}' 6414d7278905)
! docker exec 6414d7278905 ip addr show eth0
ip netns add netns666
ip netns ls
mount --bind /proc/$pid/ns/net /var/run/netns/netns666
ip netns pids netns666
ip link add name veth_d366 type veth peer name veth_d366_peer
ip link set veth_d366_peer netns netns666
ip netns exec netns666 ip link set veth_d366_peer name eth0
ip netns exec netns666 ip link set lo up
ip netns exec netns666 ifconfig eth0 10.0.0.2/24
ip netns exec netns666 ip link set eth0 up
ip netns exec netns666 ping -c 1 -w 3 10.0.0.2
ip netns exec netns666 ip addr show
! ping -c 1 -w 1 10.0.0.2
docker exec 6414d7278905 ping -c 1 -w 3 10.0.0.2
brctl addbr br666
ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
brctl addif br666 veth_d366
ifconfig br666 10.0.0.1/24
ip link set br666 up
ip link set veth_d366 up
ping -c 1 -w 3 10.0.0.2
docker exec 6414d7278905 ping -c 1 -w 3 10.0.0.1
iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o em1 -j MASQUERADE
sysctl -w net.ipv4.ip_forward=1
iptables -A FORWARD -i br666 -o br666 -j ACCEPT
iptables -A FORWARD -i br666 ! -o br666 -j ACCEPT
iptables -A FORWARD ! -i br666 -o br666 -j ACCEPT
! docker exec 6414d7278905 route add default gw 10.0.0.1
ip netns exec netns666 route add default gw 10.0.0.1
docker exec 6414d7278905 ping -c 1 -w 3 203.0.113.2
