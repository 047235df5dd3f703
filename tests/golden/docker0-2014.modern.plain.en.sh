#!/usr/bin/env bash
# What a Docker engine does to this host when it starts, on bridge docker0.
iptables -w -t nat -N DOCKER
sysctl -w net.ipv4.ip_forward=1
ip link add name docker0 type bridge
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
sysctl -w net/ipv6/conf/docker0/accept_ra=0
ip addr add 172.17.42.1/16 brd + dev docker0
iptables -w -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -w -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
iptables -w -t nat -I POSTROUTING -s 172.17.0.0/16 ! -d 172.17.0.0/16 -j MASQUERADE
iptables -w -A FORWARD -i docker0 -o docker0 -j DROP
iptables -w -I FORWARD -i docker0 ! -o docker0 -j ACCEPT
iptables -w -I FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
sysctl -w net.bridge.bridge-nf-call-iptables=1
ip link set docker0 up
