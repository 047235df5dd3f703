#!/usr/bin/env bash
# A container's hostname, hosts and resolv.conf, and what each of them decides.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes

put() {   # put FILE BASE64: in place, since it may be mounted elsewhere; what is too much is blank before it is cut off
  local old new was
  old=$(wc -c <"$1") && new=$(base64 -d <<<"$2" | wc -c) && was=$(base64 "$1") || return 1
  { base64 -d <<<"$2"; head -c $((old > new ? old - new : 0)) /dev/zero | tr '\0' '\n'; } |
    dd of="$1" bs=16M iflag=fullblock conv=notrunc status=none && truncate -s "$new" "$1" && return 0
  base64 -d <<<"$was" | dd of="$1" bs=16M iflag=fullblock conv=notrunc status=none   # there was no room
  truncate -s "$old" "$1"
  return 1
}
add_host() {   # add_host FILE ADDRESS NAME: before all other lines: the first one that has a name counts
  local all
  [ -n "$2" ] || return 0
  all=$({ printf '%s\t%s\n' "$2" "$3"; cat "$1"; } | base64 -w 0) && put "$1" "$all"
}
put_line() { put "$1" "$(base64 <<<"$2")"; }   # put_line FILE LINE
with_lines() {   # with_lines FILE WORDS LINES: the file with these lines in place of those that begin with one of the words
  local first
  first=$(grep -anE -m 1 "^($2)[[:space:]]" "$1" | cut -d : -f 1)
  head -n $((${first:-1} - 1)) "$1"
  [ -z "$3" ] || printf '%s\n' "$3"
  tail -n "+${first:-1}" "$1" | sed -E "/^($2)[[:space:]]/d"
}
set_lines() {   # set_lines FILE WORDS LINE...
  local all
  all=$(with_lines "$1" "$2" "$(printf '%s\n' "${@:3}")" | base64 -w 0) && put "$1" "$all"
}

docker run -i -t --rm --net=host base /bin/bash
docker exec 63f36fc01b5f mount
docker exec 63f36fc01b5f mount
docker exec 63f36fc01b5f mount
pid=$(docker inspect -f '{{.State.Pid}}' 63f36fc01b5f)
hosts_file=$(docker inspect -f '{{.HostsPath}}' 63f36fc01b5f)
resolv_file=$(docker inspect -f '{{.ResolvConfPath}}' 63f36fc01b5f)
hostname_file=$(docker inspect -f '{{.HostnamePath}}' 63f36fc01b5f)
cmp /etc/resolv.conf "$resolv_file"
! docker exec 63f36fc01b5f timeout 2 getent hosts www.example.test
set_lines "$resolv_file" nameserver 'nameserver 203.0.113.2'
docker exec 63f36fc01b5f timeout 2 getent hosts www.example.test
! cmp /etc/resolv.conf "$resolv_file"
! docker exec 63f36fc01b5f timeout 2 getent hosts www
set_lines "$resolv_file" 'search|domain' 'search example.test'
docker exec 63f36fc01b5f timeout 2 getent hosts www
! docker exec 63f36fc01b5f timeout 2 getent hosts db
add_host "$hosts_file" 10.0.0.3 db
docker exec 63f36fc01b5f cat /etc/hosts
docker exec 63f36fc01b5f timeout 2 getent hosts db
! timeout 2 getent hosts db
docker exec 63f36fc01b5f hostname
put_line "$hostname_file" app
docker exec 63f36fc01b5f cat /etc/hostname
docker exec 63f36fc01b5f hostname
nsenter --target $pid --uts hostname app
docker exec 63f36fc01b5f hostname
address=$(nsenter --net=/proc/$pid/ns/net ip -o addr show scope global | awk '$2 != "lo" && !found++ { sub("/.*", "", $4); print $4 }')
add_host "$hosts_file" "$address" app
docker exec 63f36fc01b5f cat /etc/hosts
