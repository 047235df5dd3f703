#!/usr/bin/env bash
# 一台主机上的两张路由表，以及它们之间泄漏的一条路由。
ip netns add data-cloud
ip link add data0 type veth peer name to-data0
ip link set to-data0 netns data-cloud
ip netns exec data-cloud ip link set lo up
ip netns exec data-cloud ip addr add 192.168.1.9/32 dev lo
ip netns exec data-cloud ip addr add 10.0.1.1/24 dev to-data0
ip netns exec data-cloud ip link set to-data0 up
ip netns add mgmt-cloud
ip link add mgmt0 type veth peer name to-mgmt0
ip link set to-mgmt0 netns mgmt-cloud
ip netns exec mgmt-cloud ip link set lo up
ip netns exec mgmt-cloud ip addr add 192.168.1.9/32 dev lo
ip netns exec mgmt-cloud ip addr add 10.9.0.9/32 dev lo
ip netns exec mgmt-cloud ip addr add 10.8.0.9/32 dev lo
ip netns exec mgmt-cloud ip addr add 10.0.2.1/24 dev to-mgmt0
ip netns exec mgmt-cloud ip link set to-mgmt0 up
ip addr add 10.0.1.2/24 dev data0
ip link set data0 up
ip addr add 10.0.2.2/24 dev mgmt0
ip link set mgmt0 up
ip route add 192.168.1.0/24 via 10.0.1.1
! ip route add 192.168.1.0/24 via 10.0.2.1
ip netns exec data-cloud ping -c 1 -w 3 -I 192.168.1.9 10.0.1.2
! ip netns exec mgmt-cloud ping -c 1 -w 1 -I 192.168.1.9 10.0.2.2
ip netns add data
ip link set data0 netns data
ip netns exec data ip link set lo up
ip netns exec data ip addr add 10.0.1.2/24 dev data0
ip netns exec data ip link set data0 up
ip netns exec data ip route add default via 10.0.1.1
ip netns add management
ip link set mgmt0 netns management
ip netns exec management ip link set lo up
ip netns exec management ip addr add 10.0.2.2/24 dev mgmt0
ip netns exec management ip link set mgmt0 up
ip netns exec management ip route add default via 10.0.2.1
ip netns exec data ip route get 192.168.1.9
ip netns exec management ip route get 192.168.1.9
ip netns exec data-cloud ping -c 1 -w 3 -I 192.168.1.9 10.0.1.2
ip netns exec mgmt-cloud ping -c 1 -w 3 -I 192.168.1.9 10.0.2.2
ip netns exec management ping -c 1 -w 3 10.9.0.9
! ip netns exec data ping -c 1 -w 1 10.9.0.9
ip link add leak-a type veth peer name leak-b
ip link set leak-a netns data
ip netns exec data ip addr add 10.255.0.1/30 dev leak-a
ip netns exec data ip link set leak-a up
ip link set leak-b netns management
ip netns exec management ip addr add 10.255.0.2/30 dev leak-b
ip netns exec management ip link set leak-b up
ip netns exec management iptables -t nat -A POSTROUTING -s 10.255.0.0/30 -d 10.9.0.0/24 -j MASQUERADE
ip netns exec management iptables -A FORWARD -d 10.9.0.0/24 -i leak-b -j ACCEPT
ip netns exec management iptables -A FORWARD -o leak-b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
ip netns exec management iptables -A FORWARD -i leak-b -j DROP
ip netns exec management iptables -A FORWARD -o leak-b -j DROP
ip netns exec management iptables -A INPUT ! -d 10.9.0.0/24 -i leak-b -m conntrack --ctstate NEW -j DROP
ip netns exec management sysctl -w net.ipv4.ip_forward=1
ip netns exec data ip route add 10.9.0.0/24 via 10.255.0.2
ip netns exec data ping -c 1 -w 3 10.9.0.9
ip netns exec management ping -c 1 -w 3 10.8.0.9
! ip netns exec data ping -c 1 -w 1 10.8.0.9
