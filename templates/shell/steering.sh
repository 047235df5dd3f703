# Routes, rules and queue disciplines of others, in the words by which they come back.
routes_of() {   # routes_of -4|-6 DESTINATION TABLE [METRIC]: in the words of `ip route append`
  ip "$1" -o route show "$2" table "$3" ${4:+metric "$4"} 2>/dev/null |
    sed -E "s/\\\\\t/ /g; s/ (linkdown|dead|offload|trap|nhid [0-9]+)\b//g; s/([0-9])sec/\1/g; s/ +\$//; s/\$/ table $3${4:+ metric $4}/"
}
export -f routes_of
one_route() { [ "$(routes_of "$@" | wc -l)" -le 1 ]; }
export -f one_route
put_routes() {   # put_routes -4|-6 DESTINATION TABLE [METRIC] ROUTES: these, and no others
  local before=${*: -1} now route code=0
  now=$(routes_of "${@:1:$#-1}")
  while read -r route; do
    # shellcheck disable=SC2086  # words
    [ -z "$route" ] || grep -qxF -e "$route" <<<"$before" || ip "$1" route del $route || code=1
  done <<<"$now"
  while read -r route; do
    # shellcheck disable=SC2086  # words
    [ -z "$route" ] || grep -qxF -e "$route" <<<"$now" || ip "$1" route append $route || code=1
  done <<<"$before"
  return "$code"
}
export -f put_routes
rules_of() { ip "$1" rule show "${@:3}" 2>/dev/null | grep -F -e "$2" | sed -E 's/^([0-9]+):\t/priority \1 /' || :; }   # rules_of -4|-6 TEXT SELECTOR...
export -f rules_of
put_rules() {   # put_rules -4|-6 RULES
  local each code=0
  # shellcheck disable=SC2086  # words
  while read -r each; do [ -z "$each" ] || ip "$1" rule add $each || code=1; done <<<"$2"
  return "$code"
}
export -f put_rules
one_rule() { [ "$(rules_of "$@" | wc -l)" -le 1 ]; }
export -f one_rule
qdisc_of() {   # qdisc_of LINK: in the words of `tc qdisc add`, or nothing, for the kernel's own
  tc qdisc show dev "$1" 2>/dev/null |
    sed -E '/^qdisc [a-z_]+ 0: /d; / root /!d; s/^qdisc ([a-z_]+) ([0-9a-f]+:) root (refcnt [0-9]+ )?/handle \2 \1 /; s/ limit ([0-9]+)p( |$)/ limit \1\2/'
}
export -f qdisc_of
put_qdisc() {   # put_qdisc LINK QDISC: none, for the kernel's own
  # shellcheck disable=SC2086  # words
  if [ -n "$2" ]; then tc qdisc replace dev "$1" root $2; else tc qdisc del dev "$1" root; fi
}
export -f put_qdisc
qdisc_like() {   # qdisc_like LINK WORD...: it has what these words make of a link of its size, in a network that goes at once
  local own made as='s/^qdisc ([a-z_]+) [0-9a-f]+: (dev [^ ]+ )?root (refcnt [0-9]+ )?/\1 /; s/ direct_packets_stat [0-9]+//'
  own=$(ip -o link show dev "$1") && [[ $own =~ \ mtu\ ([0-9]+)\ (.*\ qlen\ ([0-9]+))? ]] || return 1
  # shellcheck disable=SC2016
  made=$(unshare --net bash -c 'ip link set dev lo mtu "$1" txqueuelen "$2" && tc qdisc add dev lo root "${@:3}" && tc qdisc show dev lo' \
    bash "${BASH_REMATCH[1]}" "${BASH_REMATCH[3]:-1000}" "${@:2}" 2>/dev/null) && [ "$(sed -E "$as" <<<"$made")" = "$(tc qdisc show dev "$1" | sed -E "$as")" ]
}
export -f qdisc_like
lone_qdisc() {   # lone_qdisc LINK [WORD...]: it is this one, or one of another kind that can come back: nothing hangs on it, and tc takes its words
  local now kind=${2:-}
  if [ $# -gt 1 ] && qdisc_like "$@"; then return 0; fi
  [ "$kind" != handle ] || kind=$4
  now=$(qdisc_of "$1")
  [[ -z $kind || "$now " != "handle "[0-9a-f]*": $kind "* ]] || return 1   # `replace` would leave some of its values
  # shellcheck disable=SC2086  # words
  [ -z "$now" ] || { [ "$(tc qdisc show dev "$1" | wc -l)" = 1 ] && [ -z "$(tc filter show dev "$1")" ] &&
    ! tc class show dev "$1" | grep -qE '^class (atm|cbq|drr|dsmark|ets|hfsc|htb|qfq) ' && unshare --net tc qdisc add dev lo root $now >/dev/null 2>&1; }
}
export -f lone_qdisc
qdisc_known() { [[ $(unshare --net tc qdisc add dev lo root "$@" 2>&1) != *'kind is unknown'* ]]; }
qdisc_fits() { unshare --net tc qdisc add dev lo root "$@" >/dev/null 2>&1; }   # it is tried in a network that goes at once
