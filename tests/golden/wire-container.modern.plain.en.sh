#!/usr/bin/env bash
# Give web its network as docker run does: container:db.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes
pid=$(docker inspect -f '{{.State.Pid}}' web)
pid_b=$(docker inspect -f '{{.State.Pid}}' db)
test /proc/$pid/ns/net -ef /proc/$pid_b/ns/net
hostname=$(nsenter --target $pid_b --uts hostname | sed -n '1{s/[^A-Za-z0-9._-]//g; s/^-*//p}')
nsenter --target $pid --uts hostname "$hostname"
