#!/usr/bin/env bash
# A cable of their own: two containers, then a container and the host, without a bridge.
docker run -i -t --rm --net=none base /bin/bash
docker run -i -t --rm --net=none base /bin/bash
docker inspect -f '{{.State.Pid}}' 1f1f4c1f931a
docker inspect -f '{{.State.Pid}}' 12e343489d2f
mkdir -p /var/run/netns
ln -s /proc/2989/ns/net /var/run/netns/2989
ln -s /proc/3004/ns/net /var/run/netns/3004
! docker exec 1f1f4c1f931a ping -c 1 -w 1 10.1.1.2
ip link add A type veth peer name B
ip link set A netns 2989
ip netns exec 2989 ip addr add 10.1.1.1/32 dev A
ip netns exec 2989 ip link set A up
ip netns exec 2989 ip route add 10.1.1.2/32 dev A
ip link set B netns 3004
ip netns exec 3004 ip addr add 10.1.1.2/32 dev B
ip netns exec 3004 ip link set B up
ip netns exec 3004 ip route add 10.1.1.1/32 dev B
docker exec 1f1f4c1f931a ping -c 1 -w 3 10.1.1.2
docker exec 12e343489d2f ping -c 1 -w 3 10.1.1.1
! ping -c 1 -w 1 10.1.1.2
ip link add C type veth peer name D
ip addr add 10.1.2.1/32 dev C
ip link set C up
ip route add 10.1.2.2/32 dev C
ip link set D netns 2989
ip netns exec 2989 ip addr add 10.1.2.2/32 dev D
ip netns exec 2989 ip link set D up
ip netns exec 2989 ip route add 10.1.2.1/32 dev D
ping -c 1 -w 3 10.1.2.2
docker exec 1f1f4c1f931a ping -c 1 -w 3 10.1.2.1
! docker exec 12e343489d2f ping -c 1 -w 1 10.1.2.1
