#!/usr/bin/env bash
# 同一台主机上的两个网络，彼此隔开。
# shellcheck disable=SC2086  # 进程号只是数字，不必加引号
brctl addbr br-blue
ip link set br-blue address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 10.20.0.1/24 dev br-blue
ip link set br-blue up
brctl addbr br-red
ip link set br-red address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 10.30.0.1/24 dev br-red
ip link set br-red up
docker run -i -t --rm --net=none httpd
pid_web=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid_web/ns/net /var/run/netns/web
ip link add to_web type veth peer name eth0
brctl addif br-blue to_web
ip link set to_web up
ip link set eth0 netns web
ip netns exec web ip link set eth0 address 02:42:0a:14:00:02
ip netns exec web ip addr add 10.20.0.2/24 dev eth0
ip netns exec web ip link set eth0 up
ip netns exec web ip route add default via 10.20.0.1
docker run -i -t --rm --net=none httpd
pid_db=$(docker inspect -f '{{.State.Pid}}' db)
ip netns add db
mount --bind /proc/$pid_db/ns/net /var/run/netns/db
ip link add to_db type veth peer name eth0
brctl addif br-red to_db
ip link set to_db up
ip link set eth0 netns db
ip netns exec db ip link set eth0 address 02:42:0a:1e:00:02
ip netns exec db ip addr add 10.30.0.2/24 dev eth0
ip netns exec db ip link set eth0 up
ip netns exec db ip route add default via 10.30.0.1
! docker exec web ping -c 1 -w 1 10.30.0.2
echo 1 > /proc/sys/net/ipv4/ip_forward
docker exec web timeout 2 wget -q -O - http://10.30.0.2:80/
iptables -N DOCKER-ISOLATION-STAGE-1
iptables -N DOCKER-ISOLATION-STAGE-2
iptables -I FORWARD -j DOCKER-ISOLATION-STAGE-1
iptables -I DOCKER-ISOLATION-STAGE-1 -i br-blue ! -o br-blue -j DOCKER-ISOLATION-STAGE-2
iptables -I DOCKER-ISOLATION-STAGE-2 -o br-blue -j DROP
docker exec web timeout 2 wget -q -O - http://10.30.0.2:80/
iptables -I DOCKER-ISOLATION-STAGE-1 -i br-red ! -o br-red -j DOCKER-ISOLATION-STAGE-2
iptables -I DOCKER-ISOLATION-STAGE-2 -o br-red -j DROP
! docker exec web timeout 1 wget -q -O - http://10.30.0.2:80/
! docker exec db timeout 1 wget -q -O - http://10.20.0.2:80/
docker exec web ping -c 1 -w 3 10.30.0.1
timeout 2 wget -q -O - http://10.30.0.2:80/
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A DOCKER -p tcp --dport 8080 -j DNAT --to-destination 10.30.0.2:80
ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8080/
! docker exec web timeout 1 wget -q -O - http://203.0.113.1:8080/
