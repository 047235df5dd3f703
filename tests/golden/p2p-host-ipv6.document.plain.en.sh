#!/usr/bin/env bash
# Link web and host by a cable of their own.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
pid_b=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid_b/ns/net /var/run/netns/web
ip link add p2pb2e3ec8a type veth peer name p2pb2e3ec8b
echo 0 > /proc/sys/net/ipv6/conf/p2pb2e3ec8a/disable_ipv6
ip addr add fd00::2/128 dev p2pb2e3ec8a nodad
ip link set p2pb2e3ec8a up
ip route add fd00::1/128 dev p2pb2e3ec8a
ip link set p2pb2e3ec8b netns web
ip netns exec web sysctl -w net/ipv6/conf/p2pb2e3ec8b/disable_ipv6=0
ip netns exec web ip addr add fd00::1/128 dev p2pb2e3ec8b nodad
ip netns exec web ip link set p2pb2e3ec8b up
ip netns exec web ip route add fd00::2/128 dev p2pb2e3ec8b
