#!/usr/bin/env bash
# Join netns:red to bridge br666 as 2001:db8::2/64.
ip link add name veth_89ecd04 type veth peer name veth_89ecd04_p
ip link set veth_89ecd04_p netns red
ip netns exec red ip link set veth_89ecd04_p name eth0
ip netns exec red ip link set lo up
ip netns exec red sysctl -w net/ipv6/conf/eth0/disable_ipv6=0
ip netns exec red ip addr add 2001:db8::2/64 dev eth0 nodad
ip netns exec red ip link set eth0 up
brctl addbr br666
ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
brctl addif br666 veth_89ecd04
ip addr add 2001:db8::1/64 dev br666 nodad
ip link set br666 up
ip link set veth_89ecd04 up
ip netns exec red ip route add default via 2001:db8::1 dev eth0
