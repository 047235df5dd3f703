#!/usr/bin/env bash
# 写好 podman:web 的名字文件：它叫什么，以及怎样查到别人。
# shellcheck disable=SC2086  # 进程号只是数字，不必加引号

put() {   # put FILE BASE64: 就地改写，因为它可能挂载在别处；多出来的部分先变成空行，再截掉
  local old new was
  old=$(wc -c <"$1") && new=$(base64 -d <<<"$2" | wc -c) && was=$(base64 "$1") || return 1
  { base64 -d <<<"$2"; head -c $((old > new ? old - new : 0)) /dev/zero | tr '\0' '\n'; } |
    dd of="$1" bs=16M iflag=fullblock conv=notrunc status=none && truncate -s "$new" "$1" && return 0
  base64 -d <<<"$was" | dd of="$1" bs=16M iflag=fullblock conv=notrunc status=none   # there was no room
  truncate -s "$old" "$1"
  return 1
}
add_host() {   # add_host FILE ADDRESS NAME: 放在所有行之前：最先出现这个名字的那行算数
  local all
  [ -n "$2" ] || return 0
  all=$({ printf '%s\t%s\n' "$2" "$3"; cat "$1"; } | base64 -w 0) && put "$1" "$all"
}
put_line() { put "$1" "$(base64 <<<"$2")"; }   # put_line FILE LINE
with_lines() {   # with_lines FILE WORDS LINES: 用这些行代替以这些词开头的行，得到的文件内容
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

pid=$(podman inspect -f '{{.State.Pid}}' web)
hosts_file=$(podman inspect -f '{{.HostsPath}}' web)
resolv_file=$(podman inspect -f '{{.ResolvConfPath}}' web)
hostname_file=$(podman inspect -f '{{.HostnamePath}}' web)
put_line "$hostname_file" app
nsenter --target $pid --uts hostname app
address=$(nsenter --net=/proc/$pid/ns/net ip -o addr show scope global | awk '$2 != "lo" && !found++ { sub("/.*", "", $4); print $4 }')
add_host "$hosts_file" "$address" app
set_lines "$resolv_file" nameserver 'nameserver 9.9.9.9'
