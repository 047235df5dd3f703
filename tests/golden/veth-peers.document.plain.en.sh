#!/usr/bin/env bash
# Two ends of one cable: a container's eth0 and its peer on the host.
# shellcheck disable=SC2006,SC2046  # as the document types it
docker run -idt --name=busybox busybox
docker exec busybox cat /sys/class/net/eth0/ifindex
ip -o link | sed -n "s/^$(docker exec busybox cat /sys/class/net/eth0/iflink): \\([^@]*\\)@.*/\\1/p"
ip -o link show dev vethd6dbb27 | sed 's/:.*//'
nsenter -t `docker inspect --format '{{.State.Pid}}' busybox` -n ip -d link show
ip -d link show
ip addr show vethd6dbb27
! docker exec busybox ip addr show vethd6dbb27
