#!/usr/bin/env bash
# Masquerade: a container goes out with its host's address.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
brctl addbr docker0
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 172.17.0.1/16 dev docker0
ip link set docker0 up
docker run -i -t --rm --net=none httpd
pid_web=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid_web/ns/net /var/run/netns/web
ip link add to_web type veth peer name eth0
brctl addif docker0 to_web
ip link set to_web up
ip link set eth0 netns web
ip netns exec web ip link set eth0 address 02:42:ac:11:00:02
ip netns exec web ip addr add 172.17.0.2/16 dev eth0
ip netns exec web ip link set eth0 up
ip netns exec web ip route add default via 172.17.0.1
docker exec web ping -c 1 -w 3 172.17.0.1
echo 1 > /proc/sys/net/ipv4/ip_forward
! docker exec web timeout 1 wget -q -O - http://203.0.113.2:80/
! ip netns exec outside ip route get 172.17.0.2
! iptables -t nat -S | grep -e -A
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -d 172.17.0.0/16 -j MASQUERADE
iptables -t nat -L -n
docker exec web timeout 2 wget -q -O - http://203.0.113.2:80/
docker exec web ping -c 1 -w 3 203.0.113.2
docker run -i -t --rm --net=host httpd
docker exec web timeout 2 wget -q -O - http://172.17.0.1:80/
! ip netns exec outside timeout 2 wget -q -O - http://172.17.0.2:80/
