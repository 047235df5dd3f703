reached() {   # reached PROGRAM CHAIN RULE...: it is there, or no rule before the chain's end decides about all
  obstacle=$("$1" -w -S "$2" | sed -nE "/^-A $2 -j (DROP|REJECT)( |\$)/{p;:a;n;ba}") || return 1
  [ -z "$obstacle" ] || { "$1" -w -C "${@:2}" 2>/dev/null && obstacle=''; }
}
leads_out() { [ "$1" = "${UPLINK:-}" ] || has " dev $1 " ip "-$2" route get "$3"; }   # leads_out LINK VERSION ADDRESS: it was named, or is the way there
room() { has '' ip link show dev "$1" || subnet_free "$2" "$1"; }   # room BRIDGE SUBNET: on a bridge that is to be made
homed() {   # homed VERSION BRIDGE SUBNET: one of the bridge's addresses is in the subnet, or it has none
  has '' ip -o addr show dev "$2" to "$3" || lacks ip "-$1" -o addr show dev "$2" scope global
}
passes() {   # passes PROGRAM BRIDGE: what goes from port to port
  local call=/proc/sys/net/bridge/bridge-nf-call-$1
  [ ! -e "$call" ] || [ "$(<"$call")" = 0 ] || ! has '-P FORWARD DROP' "$1" -w -S FORWARD ||
    "$1" -w -C FORWARD -i "$2" -o "$2" -j ACCEPT 2>/dev/null
}
alone() {   # alone TEXT BRIDGE NETNS INTERFACE QUESTION...: of no other guest on the bridge `ip -o QUESTION` prints TEXT
  local file told ports pair name
  ports=$(ports_of "$2" 2>/dev/null) || return 0
  [ -n "$ports" ] || return 0
  for file in $(namespaces); do
    told=$(nsenter --net="$file" ip -o "${@:5}" 2>/dev/null | grep -F -e "$1") || continue
    while read -r pair name; do
      [[ $'\n'$ports == *$'\n'"$pair "* && $told == *": $name"[@:\ ]* ]] || continue
      if [ ! "$file" -ef "$3" ] || [ "$name" != "$4" ]; then obstacle="$name, $file" && return 1; fi
    done < <(ends_in "$file")
  done
}
