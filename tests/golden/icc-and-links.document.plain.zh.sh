#!/usr/bin/env bash
# --icc=false 与 --link：把容器隔开，再打开一个端口。
# shellcheck disable=SC2086  # 进程号只是数字，不必加引号
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
docker run -i -t --rm --net=none httpd
pid_app=$(docker inspect -f '{{.State.Pid}}' app)
ip netns add app
mount --bind /proc/$pid_app/ns/net /var/run/netns/app
ip link add to_app type veth peer name eth0
brctl addif docker0 to_app
ip link set to_app up
ip link set eth0 netns app
ip netns exec app ip link set eth0 address 02:42:ac:11:00:03
ip netns exec app ip addr add 172.17.0.3/16 dev eth0
ip netns exec app ip link set eth0 up
ip netns exec app ip route add default via 172.17.0.1
docker exec app timeout 2 wget -q -O - http://172.17.0.2:80/
echo 1 > /proc/sys/net/bridge/bridge-nf-call-iptables
iptables -A FORWARD -i docker0 -o docker0 -j DROP
iptables -L -n
! docker exec app timeout 1 wget -q -O - http://172.17.0.2:80/
docker exec app ping -c 1 -w 3 203.0.113.1
timeout 2 wget -q -O - http://172.17.0.2:80/
iptables -N DOCKER
iptables -I FORWARD -o docker0 -j DOCKER
iptables -A DOCKER -s 172.17.0.3 -d 172.17.0.2 -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
! docker exec app timeout 1 wget -q -O - http://172.17.0.2:80/
iptables -A DOCKER -s 172.17.0.2 -d 172.17.0.3 -i docker0 -o docker0 -p tcp --sport 80 -j ACCEPT
docker exec app timeout 2 wget -q -O - http://172.17.0.2:80/
iptables -L -n
! docker exec app timeout 1 wget -q -O - http://172.17.0.2:81/
! docker exec app ping -c 1 -w 1 172.17.0.2
! docker exec web timeout 1 wget -q -O - http://172.17.0.3:80/
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A DOCKER -p tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:81
ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8081/
! docker exec app timeout 1 wget -q -O - http://203.0.113.1:8081/
! docker exec app timeout 1 wget -q -O - http://172.17.0.1:8081/
