#!/usr/bin/env bash
# 让 eth1 在命名空间 data 里有一张自己的路由表。
ip netns add data
ip link set eth1 netns data
ip netns exec data ip link set lo up
ip netns exec data ifconfig eth1 192.168.1.2/24
ip netns exec data ip link set eth1 up
ip netns exec data route add default gw 192.168.1.1
