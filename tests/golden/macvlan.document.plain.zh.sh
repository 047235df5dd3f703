#!/usr/bin/env bash
# 用 macvlan 让 netns:red 以地址 fd00::2/64 加入 eth0 所在的网络。
ip link set eth0 up
ip link add name macvlan_89ecd04 link eth0 type macvlan mode vepa
ip link set macvlan_89ecd04 netns red
ip netns exec red ip link set macvlan_89ecd04 name eth0
ip netns exec red ip link set lo up
ip netns exec red sysctl -w net/ipv6/conf/eth0/disable_ipv6=0
ip netns exec red ip addr add fd00::2/64 dev eth0 nodad
ip netns exec red ip link set eth0 up
