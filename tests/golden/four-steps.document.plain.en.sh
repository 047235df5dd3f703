#!/usr/bin/env bash
# The four steps by which Docker networks a container, done by hand.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
brctl addbr docker0
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 172.17.42.1/16 dev docker0
ip link set docker0 up
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 -o em1 -j MASQUERADE
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -A FORWARD -i docker0 -o docker0 -j ACCEPT
iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
iptables -A FORWARD ! -i docker0 -o docker0 -j ACCEPT
docker run -i -t --rm --net=none base /bin/bash
pid=$(docker inspect -f '{{.State.Pid}}' 63f36fc01b5f)
mkdir -p /var/run/netns
ln -s /proc/$pid/ns/net /var/run/netns/$pid
ip addr show docker0
! docker exec 63f36fc01b5f ping -c 1 -w 1 172.17.42.1
ip link add A type veth peer name B
brctl addif docker0 A
ip link set A up
ip link set B netns $pid
ip netns exec $pid ip link set dev B name eth0
ip netns exec $pid ip link set eth0 up
ip netns exec $pid ip addr add 172.17.42.99/16 dev eth0
ip netns exec $pid ip route add default via 172.17.42.1
docker exec 63f36fc01b5f ping -c 1 -w 3 172.17.42.1
ping -c 1 -w 3 172.17.42.99
docker exec 63f36fc01b5f ping -c 1 -w 3 203.0.113.2
docker run -i -t --rm --net=none base /bin/bash
pid_2=$(docker inspect -f '{{.State.Pid}}' 1f1f4c1f931a)
ln -s /proc/$pid_2/ns/net /var/run/netns/$pid_2
ip link add C type veth peer name D
brctl addif docker0 C
ip link set C up
ip link set D netns $pid_2
ip netns exec $pid_2 ip link set dev D name eth0
ip netns exec $pid_2 ip link set eth0 up
ip netns exec $pid_2 ip addr add 172.17.42.100/16 dev eth0
ip netns exec $pid_2 ip route add default via 172.17.42.1
docker exec 63f36fc01b5f ping -c 1 -w 3 172.17.42.100
