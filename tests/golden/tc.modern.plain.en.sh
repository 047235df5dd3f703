#!/usr/bin/env bash
# In web: tc qdisc add dev eth1 root netem delay 50ms loss 1%.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
pid=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid/ns/net /var/run/netns/web
ip netns exec web tc qdisc add dev eth1 root netem delay 50ms loss 1%
