#!/usr/bin/env bash
# The engine's options one by one: before, what it does, after.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
ip link add name docker0 type bridge
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 172.17.0.1/16 brd + dev docker0
ip link set docker0 up
docker run -d -t -i --net=none --name web httpd
pid_web=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid_web/ns/net /var/run/netns/web
ip link add name to_web type veth peer name eth0
ip link set to_web master docker0
ip link set to_web up
ip link set eth0 netns web
ip -n web link set eth0 address 02:42:ac:11:00:02
ip -n web addr add 172.17.0.2/16 brd + dev eth0
ip -n web link set eth0 up
ip -n web route add default via 172.17.0.1 dev eth0
docker run -d -t -i --net=none --name app httpd
pid_app=$(docker inspect -f '{{.State.Pid}}' app)
ip netns add app
mount --bind /proc/$pid_app/ns/net /var/run/netns/app
ip link add name to_app type veth peer name eth0
ip link set to_app master docker0
ip link set to_app up
ip link set eth0 netns app
ip -n app link set eth0 address 02:42:ac:11:00:03
ip -n app addr add 172.17.0.3/16 brd + dev eth0
ip -n app link set eth0 up
ip -n app route add default via 172.17.0.1 dev eth0
ip -n outside route add 172.17.0.0/16 via 203.0.113.1 dev eth0
! docker exec web timeout 1 wget -q -O - http://203.0.113.2:80/
sysctl -w net.ipv4.ip_forward=1
docker exec web timeout 2 wget -q -O - http://203.0.113.2:80/
ip netns exec outside timeout 2 wget -q -O - http://172.17.0.2:80/
iptables -w -P FORWARD DROP
iptables -w -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
iptables -w -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
iptables -w -A FORWARD -i docker0 -o docker0 -j ACCEPT
! ip netns exec outside timeout 1 wget -q -O - http://172.17.0.2:80/
docker exec web timeout 2 wget -q -O - http://203.0.113.2:80/
iptables -w -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
docker exec web timeout 2 wget -q -O - http://203.0.113.2:80/
docker exec web timeout 2 wget -q -O - http://172.17.0.3:80/
sysctl -w net.bridge.bridge-nf-call-iptables=1
iptables -w -I FORWARD -i docker0 -o docker0 -j DROP
! docker exec web timeout 1 wget -q -O - http://172.17.0.3:80/
iptables -w -t nat -N DOCKER
iptables -w -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -w -t nat -A DOCKER -p tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:80
iptables -w -A FORWARD -d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8081/
iptables -w -t nat -A DOCKER -d 127.0.0.1 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
! ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8080/
! timeout 1 wget -q -O - http://127.0.0.1:8080/
iptables -w -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER
sysctl -w net/ipv4/conf/docker0/route_localnet=1
iptables -w -t nat -A POSTROUTING -o docker0 -m addrtype --src-type LOCAL -j MASQUERADE
timeout 2 wget -q -O - http://127.0.0.1:8080/
timeout 2 wget -q -O - http://127.0.0.1:8081/
