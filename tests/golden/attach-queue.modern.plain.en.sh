#!/usr/bin/env bash
# Join web to bridge br666 as 10.0.0.2/24.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
pid=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid/ns/net /var/run/netns/web
ip link add name veth_84aa61e type veth peer name veth_84aa61e_p
ip link set veth_84aa61e txqueuelen 500
ip link set veth_84aa61e_p netns web
ip -n web link set veth_84aa61e_p name eth0
ip -n web link set eth0 txqueuelen 500
ip -n web link set lo up
ip -n web addr add 10.0.0.2/24 brd + dev eth0
ip -n web link set eth0 up
ip link add name br666 type bridge
ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip link set veth_84aa61e master br666
ip link set br666 up
ip link set veth_84aa61e up
