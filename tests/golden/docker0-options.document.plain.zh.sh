#!/usr/bin/env bash
# Docker 引擎启动时在网桥 docker0 上对主机做的事。
iptables -t nat -N DOCKER
iptables -N DOCKER
iptables -N DOCKER-ISOLATION-STAGE-1
iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN
iptables -N DOCKER-ISOLATION-STAGE-2
iptables -A DOCKER-ISOLATION-STAGE-2 -j RETURN
iptables -N DOCKER-USER
iptables -A DOCKER-USER -j RETURN
iptables -I FORWARD -j DOCKER-ISOLATION-STAGE-1
iptables -I FORWARD -j DOCKER-USER
iptables -P FORWARD DROP
sysctl -w net.ipv4.ip_forward=1
brctl addbr docker0
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
sysctl -w net/ipv6/conf/docker0/accept_ra=0
ifconfig docker0 10.7.0.1/24
sysctl -w net/ipv4/conf/docker0/route_localnet=1
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -I POSTROUTING -s 10.7.0.0/24 ! -o docker0 -j MASQUERADE
iptables -t nat -I POSTROUTING -o docker0 -m addrtype --src-type LOCAL -j MASQUERADE
iptables -A FORWARD -i docker0 -o docker0 -j DROP
iptables -I FORWARD 3 -i docker0 ! -o docker0 -j ACCEPT
iptables -I FORWARD 3 -o docker0 -j DOCKER
iptables -I FORWARD 3 -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -I DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
iptables -I DOCKER-ISOLATION-STAGE-2 -o docker0 -j DROP
sysctl -w net.bridge.bridge-nf-call-iptables=1
ip link set docker0 up
