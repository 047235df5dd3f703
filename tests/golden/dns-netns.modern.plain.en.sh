#!/usr/bin/env bash
# Write the files by which netns:red knows its own name and finds others'.

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

mkdir /etc/netns
mkdir /etc/netns/red
cp /etc/hosts /etc/netns/red/hosts
add_host /etc/netns/red/hosts fd00::3 db
add_host /etc/netns/red/hosts 10.0.0.3 db
