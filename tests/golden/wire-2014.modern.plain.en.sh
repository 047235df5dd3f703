#!/usr/bin/env bash
# Give web its network as docker run does: bridge.
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
append_host() {   # append_host FILE ADDRESS NAMES
  local all
  all=$({ grep -a '' "$1" || :; printf '%s\t%s\n' "$2" "$3"; } | base64 -w 0) && put "$1" "$all"
}

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

# Ports of the host: who has them.
proxies() {   # proxies ARGUMENT...: the processes that run docker-proxy so, in this network
  local pid
  for pid in $(pgrep -xf -- "docker-proxy $*"); do [ ! "/proc/$pid/ns/net" -ef "/proc/$$/ns/net" ] || echo "$pid"; done
}
can_proxy() { command -v docker-proxy >/dev/null && { [ "$1" != :: ] || [ -e /proc/net/if_inet6 ]; }; }
start_proxy() {   # start_proxy ARGUMENT...: it says on its descriptor 3 whether it listens
  local word rest
  { read -r word && rest=$(cat); } < <(setsid -f docker-proxy "$@" 3>&1 >/dev/null 2>&1 </dev/null 9>&-) || :
  [ "${word:-}" = 0 ] || { echo "docker-proxy: ${rest:-}"; return 1; }
}
stop_proxy() {
  local pid try
  for pid in $(proxies "$@"); do kill "$pid"; done
  for ((try = 0; try < 200; try++)); do [ -n "$(proxies "$@")" ] || return 0; sleep 0.02; done
  return 1
}
leading_to() {   # leading_to PROTOCOL ADDRESS DESTINATION: the host's ports that lead there already
  local at=${2:+-d $2/32 } pid
  command iptables -w -t nat -S |
    sed -nE "s|^-A [^ ]+ ${at//./\\.}(! -i [^ ]+ )?-p $1 .*--dport ([0-9]+) .*-j DNAT --to-destination ${3//./\\.}\$|\2|p"
  for pid in $(passing_on "$1" "$2" '[0-9]+' "$3"); do
    tr '\0' ' ' <"/proc/$pid/cmdline" | sed -nE 's/.* -host-port ([0-9]+) .*/\1/p'
  done
}
passing_on() {   # passing_on PROTOCOL ADDRESS PORT DESTINATION: the processes that pass it on there
  proxies -proto "$1" -host-ip "${2:-(0.0.0.0|::)}" -host-port "$3" -container-ip "${4%:*}" -container-port "${4##*:}"
}
unpublished() {   # unpublished PROTOCOL ADDRESS PORT DESTINATION: no rule sends the port elsewhere
  local rule
  while read -r rule; do
    if [ "${rule##* }" != "$4" ] && { [[ $rule != *' -d '* ]] || [ -z "$2" ] || [[ $rule == *" -d $2/32 "* ]]; }; then
      return 1
    fi
  done < <(command iptables -w -t nat -S | grep -E -- "^-A .* -p $1 .*--dport $3 .*-j DNAT ")
}
unbound() {   # unbound PROTOCOL ADDRESS PORT DESTINATION: no program listens there, but one that passes on to the destination
  local at users ours
  ours=$(passing_on "$@")
  while read -r _ _ _ at _ users; do
    [[ -z $2 || ${at%:*} =~ ^(\*|0\.0\.0\.0|$2)$ ]] || continue
    [[ $users =~ pid=([0-9]+) && $'\n'$ours$'\n' == *$'\n'"${BASH_REMATCH[1]}"$'\n'* ]] || return 1
  done < <(ss -Hlnp "--$1" "sport = :$3")
}
free_port() {   # free_port PROTOCOL ADDRESS LOW HIGH DESTINATION [PORT...]: one that leads there already, or the lowest that is free
  local low=$3 high=$4 taken=" ${*:6} " each
  [ "$low" != 0 ] || read -r low high </proc/sys/net/ipv4/ip_local_port_range
  for each in $(leading_to "$1" "$2" "$5"); do
    if ((each >= low && each <= high)) && [[ $taken != *" $each "* ]]; then echo "$each"; return 0; fi
  done
  for ((each = low; each <= high; each++)); do
    [[ $taken != *" $each "* ]] || continue
    if unpublished "$1" "$2" "$each" "$5" && unbound "$1" "$2" "$each" "$5"; then echo "$each"; return 0; fi
  done
}

pid=$(docker inspect -f '{{.State.Pid}}' web)
hosts_file=$(docker inspect -f '{{.HostsPath}}' web)
home=$(ip -4 -o addr show dev docker0 scope global | sed -n '1s/.* inet \([^ ]*\) .*/\1/p')
gateway=$(bare_address "$home")
cidr=$(free_address "$home" docker0 /proc/$pid/ns/net eth0 '')
address=$(bare_address "$cidr")
port_1=$(free_port tcp '' 49153 49900 "$address:80")
ip netns add web
mount --bind /proc/$pid/ns/net /var/run/netns/web
ip link add name veth_84aa61e txqueuelen 0 type veth peer name veth_84aa61e_p txqueuelen 0
ip link set veth_84aa61e master docker0
ip link set veth_84aa61e up
ip link set veth_84aa61e_p netns web
ip -n web link set veth_84aa61e_p name eth0
mac=$(as_mac "$address")
ip -n web link set eth0 address "$mac"
ip -n web link set lo up
ip -n web addr add "$cidr" brd + dev eth0
ip -n web link set eth0 up
ip -n web route add default via "$gateway" dev eth0
iptables -w -t nat -A DOCKER ! -i docker0 -p tcp --dport $port_1 -j DNAT --to-destination "$address:80"
iptables -w -I FORWARD -d "$address" ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
iptables -w -t nat -A POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE
start_proxy -proto tcp -host-ip 0.0.0.0 -host-port $port_1 -container-ip "$address" -container-port 80
start_proxy -proto tcp -host-ip :: -host-port $port_1 -container-ip "$address" -container-port 80
hostname=$(nsenter --target $pid --uts hostname | sed -n '1{s/[^A-Za-z0-9._-]//g; s/^-*//p}')
append_host "$hosts_file" "$address" "$hostname"
