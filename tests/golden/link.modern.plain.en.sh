#!/usr/bin/env bash
# Let web ask db at some ports.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes


# Who has which address on a bridge: the other ends of its ports, in all namespaces.
namespaces() { stat -L -c '%i %n' /proc/[0-9]*/ns/net /var/run/netns/* 2>/dev/null | sort -u -k 1,1 | cut -d ' ' -f 2; }
ports_of() { ip -o link show master "$1" type veth | sed -nE 's/^([0-9]+): ([^@]*)@if([0-9]+): .*/\3:\1 \2/p'; }
ends_in()  { nsenter --net="$1" ip -o link show type veth | sed -nE 's/^([0-9]+): ([^@]*)@if([0-9]+): .*/\1:\3 \2/p'; }
on_bridge() {   # on_bridge BRIDGE [NETNS [INTERFACE]]: the addresses there, CIDR
  local ports file pair name
  ports=$(ports_of "$1")
  for file in ${2:-$(namespaces)}; do
    while read -r pair name; do
      [[ $'\n'$ports == *$'\n'"$pair "* && $name == "${3:-$name}" ]] || continue
      nsenter --net="$file" ip -4 -o addr show dev "$name" scope global | sed -nE 's|^[^ ]+ [^ ]+ +inet ([0-9./]+) .*|\1|p'
    done < <(ends_in "$file" 2>/dev/null)
  done
}
port_of() {   # port_of BRIDGE NETNS: the bridge's port that leads to a guest
  local there pair name
  there=$(ends_in "$2")
  while read -r pair name; do
    if [[ $'\n'$there == *$'\n'"$pair "* ]]; then echo "$name"; return 0; fi
  done < <(ports_of "$1")
}
bare_address() { echo "${1%%/*}"; }   # bare_address ADDRESS/PREFIX
host_gateway() {   # host_gateway BRIDGE...: the address of the first of these that has one
  local each
  for each in "$@"; do
    if has '' ip -4 -o addr show dev "$each" scope global; then
      ip -4 -o addr show dev "$each" scope global | sed -n '1s/.* inet \([^/]*\).*/\1/p'
      return 0
    fi
  done
}
as_mac() { local a b c d; IFS=. read -r a b c d <<<"$1"; printf '02:42:%02x:%02x:%02x:%02x\n' "$a" "$b" "$c" "$d"; }
as_number() { local a b c d; IFS=. read -r a b c d <<<"${1%/*}"; echo $(((a << 24) + (b << 16) + (c << 8) + d)); }
as_address() { echo "$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }
free_address() { pick_address lowest "$@"; }   # free_address HOME BRIDGE NETNS INTERFACE POOL [ADDRESS...]: the guest's own, or the lowest that is free
highest_address() { pick_address highest "$@"; }   # the same from the other end
pick_address() {
  local end=$1
  shift
  local prefix=${1#*/} rest base low high first last each
  local -A taken=()
  rest=$(((1 << 32 - prefix) - 1)) base=$(($(as_number "$1") & ~((1 << 32 - prefix) - 1)))
  low=$((base + (rest > 1))) high=$((base + rest - (rest > 1)))
  if [ -n "$5" ]; then
    first=$(as_number "$5") last=$(($(as_number "$5") + (1 << 32 - ${5#*/}) - 1))
    low=$((first > low ? first : low)) high=$((last < high ? last : high))
  fi
  for each in $(on_bridge "$2" "$3" "$4"); do
    if (($(as_number "$each") >= low && $(as_number "$each") <= high)); then echo "$each"; return 0; fi
  done
  for each in "$1" "${@:6}" $(on_bridge "$2"); do taken[$(as_number "$each")]=1; done
  while ((low <= high)) && [ -n "${taken[$low]:-}" ]; do low=$((low + 1)); done
  while ((low <= high)) && [ -n "${taken[$high]:-}" ]; do high=$((high - 1)); done
  [ "$end" = lowest ] || low=$((low > high ? low : high))
  ((low > high)) || echo "$(as_address "$low")/$prefix"
}

pid_a=$(docker inspect -f '{{.State.Pid}}' web)
pid_b=$(docker inspect -f '{{.State.Pid}}' db)
address_a=$(on_bridge br666 /proc/$pid_a/ns/net | sed -n '1s|/.*||p')
address_b=$(on_bridge br666 /proc/$pid_b/ns/net | sed -n '1s|/.*||p')
iptables -w -I FORWARD -s "$address_a" -d "$address_b" -i br666 -o br666 -p tcp --dport 80 -j ACCEPT
iptables -w -I FORWARD -s "$address_b" -d "$address_a" -i br666 -o br666 -p tcp --sport 80 -j ACCEPT
iptables -w -I FORWARD -s "$address_a" -d "$address_b" -i br666 -o br666 -p udp --dport 53 -j ACCEPT
iptables -w -I FORWARD -s "$address_b" -d "$address_a" -i br666 -o br666 -p udp --sport 53 -j ACCEPT
