#!/usr/bin/env bash
# Join web to bridge br666 as 10.0.0.2/24.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
pid=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid/ns/net /var/run/netns/web
ip link add name veth_84aa61e type veth peer name veth_84aa61e_p
ip link set veth_84aa61e_p netns web
ip netns exec web ip link set veth_84aa61e_p name eth0
ip netns exec web ip link set lo up
ip netns exec web ifconfig eth0 10.0.0.2/24
ip netns exec web ip link set eth0 up
brctl addbr br666
ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
brctl addif br666 veth_84aa61e
ifconfig br666 10.0.0.1/24
ip link set br666 up
ip link set veth_84aa61e up
ip netns exec web route add default gw 10.0.0.1
