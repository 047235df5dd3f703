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
