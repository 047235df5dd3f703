#!/usr/bin/env bash
# 用网桥 br0 把 10.0.0.0/24 上的各个客体连在一起。
# shellcheck disable=SC2086  # 进程号只是数字，不必加引号
pid_1=$(docker inspect -f '{{.State.Pid}}' web)
brctl addbr br0
ip link set br0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip link set br0 up
iptables -A FORWARD -i br0 -o br0 -j ACCEPT
ip netns add web
mount --bind /proc/$pid_1/ns/net /var/run/netns/web
ip link add name veth_84aa61e type veth peer name veth_84aa61e_p
ip link set veth_84aa61e_p netns web
ip netns exec web ip link set veth_84aa61e_p name eth0
ip netns exec web ip link set lo up
ip netns exec web ifconfig eth0 10.0.0.1/24
ip netns exec web ip link set eth0 up
brctl addif br0 veth_84aa61e
ip link set veth_84aa61e up
ip netns add br0-1
ip link add name veth_c0c3591 type veth peer name veth_c0c3591_p
ip link set veth_c0c3591_p netns br0-1
ip netns exec br0-1 ip link set veth_c0c3591_p name eth0
ip netns exec br0-1 ip link set lo up
ip netns exec br0-1 ifconfig eth0 10.0.0.2/24
ip netns exec br0-1 ip link set eth0 up
brctl addif br0 veth_c0c3591
ip link set veth_c0c3591 up
ip netns add br0-2
ip link add name veth_e9a3edf type veth peer name veth_e9a3edf_p
ip link set veth_e9a3edf_p netns br0-2
ip netns exec br0-2 ip link set veth_e9a3edf_p name eth0
ip netns exec br0-2 ip link set lo up
ip netns exec br0-2 ifconfig eth0 10.0.0.3/24
ip netns exec br0-2 ip link set eth0 up
brctl addif br0 veth_e9a3edf
ip link set veth_e9a3edf up
