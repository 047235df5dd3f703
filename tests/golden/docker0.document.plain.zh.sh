#!/usr/bin/env bash
# docker0：Docker 引擎建的网桥，以及谁能经过它到达谁。
ip addr
brctl show
ifconfig docker0
docker network ls
docker network inspect bridge
docker run -dit --name busybox1 busybox sh
docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' busybox1
docker network inspect bridge
docker inspect -f '{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}' busybox1
docker inspect -f '{{range .NetworkSettings.Networks}}{{.Gateway}}{{end}}' busybox1
ip -o link | sed -n "s/^$(docker exec busybox1 cat /sys/class/net/eth0/iflink): \\([^@]*\\)@.*/\\1/p"
brctl show
ip addr show vethe657f66
docker exec busybox1 ip addr show
docker exec busybox1 ip addr show
docker run -dit --name busybox2 busybox sh
docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' busybox2
docker network inspect bridge
ping 172.17.0.2 -c 3
docker exec busybox1 ping 172.17.0.1 -c 3
docker exec busybox1 ping 172.17.0.3 -c 3
docker exec busybox1 ping 203.0.113.2 -c 3
! docker exec busybox1 ip link set eth0 down
