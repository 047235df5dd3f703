#!/usr/bin/env bash
# docker0 made to measure: address, mask, MTU, range, gateway.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
brctl addbr docker0
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 192.168.1.5/24 dev docker0
ip link set docker0 up
ip addr show docker0
docker run -i -t --rm --net=none httpd
pid_web=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid_web/ns/net /var/run/netns/web
ip link add to_web type veth peer name eth0
ip link set to_web mtu 1400
brctl addif docker0 to_web
ip link set to_web up
ip link set eth0 netns web
ip netns exec web ip link set eth0 mtu 1400
ip netns exec web ip link set eth0 address 02:42:c0:a8:01:80
ip netns exec web ip addr add 192.168.1.128/24 dev eth0
ip netns exec web ip link set eth0 up
ip netns exec web ip route add default via 192.168.1.5
ip addr show docker0
docker run -i -t --rm --net=none httpd
pid_app=$(docker inspect -f '{{.State.Pid}}' app)
ip netns add app
mount --bind /proc/$pid_app/ns/net /var/run/netns/app
ip link add to_app type veth peer name eth0
ip link set to_app mtu 1400
brctl addif docker0 to_app
ip link set to_app up
ip link set eth0 netns app
ip netns exec app ip link set eth0 mtu 1400
ip netns exec app ip link set eth0 address 02:42:c0:a8:01:81
ip netns exec app ip addr add 192.168.1.129/24 dev eth0
ip netns exec app ip link set eth0 up
ip netns exec app ip route add default via 192.168.1.99
brctl show
docker exec web ip addr show eth0
docker exec web ip route
docker exec web ping -c 1 -w 3 192.168.1.129
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -t nat -A POSTROUTING -s 192.168.1.0/24 ! -o docker0 -j MASQUERADE
docker exec web ping -c 1 -w 3 203.0.113.2
docker exec app ip route
! docker exec app timeout 5 wget -q -O - http://203.0.113.2:80/
ip addr add 192.168.1.99/24 dev docker0
docker exec app ping -c 1 -w 3 203.0.113.2
