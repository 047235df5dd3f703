defaults() {   # defaults FAMILY: the default routes, in the words of `ip -batch`
  ip -o "$1" route show default |
    sed -E 's/ (linkdown|dead|offload|trap|nhid [0-9]+)\b//g; s/([0-9])sec/\1/g; s/\\//g; s/^default/route append default/'
}
export -f defaults
replace_default() {   # replace_default FAMILY GATEWAY LINK: it becomes the only default route; a gateway that cannot be costs nothing
  local old
  old=$(defaults "$1")
  ip "$1" route replace default via "$2" dev "$3" || return 1
  ip "$1" -force -batch - <<<"${old//route append/route del}" >/dev/null 2>&1 || :
}
export -f replace_default
defaults_back() {   # defaults_back FAMILY OLD: the old ones first, so that there is always one
  local said others as='s/ expires [0-9]*//; s/^route append/route del/'
  others=$(defaults "$1" | sed "$as" | grep -vxF "$(sed "$as" <<<"$2")") || :
  said=$(ip "$1" -force -batch - <<<"$2" 2>&1 | grep -v -e 'File exists' -e '^Command failed') || :
  ip "$1" -force -batch - <<<"$others" >/dev/null 2>&1 || :
  [ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}
export -f defaults_back
mtu_of() {   # mtu_of LINK: Ethernet's, where the link is not there yet
  local shown
  shown=$(ip -o link show dev "$1" 2>/dev/null) || shown=' mtu 1500 '
  shown=${shown#* mtu }
  echo "${shown%% *}"
}
other_defaults() { ip -o "$1" route show default | grep -oE 'via [^ ]+ dev [^ ]+' | grep -vE " dev ${2//./\\.}$" || :; }   # other_defaults FAMILY LINK
export -f other_defaults
replies_kept() { [[ $(ip "$1" rule show) == *" lookup $3"* ]] || [ -z "$(other_defaults "$1" "$2")" ]; }   # replies_kept FAMILY LINK TABLE
export -f replies_kept
keep_replies() {   # keep_replies FAMILY LINK TABLE: what comes from the addresses of other links goes by their gateways, as now
  local via dev address
  for dev in $(other_defaults "$1" "$2" | cut -d ' ' -f 4 | sort -u); do
    for address in $(ip -o "$1" addr show dev "$dev" scope global | sed -n 's|.* inet6* \([^ /]*\).*|\1|p'); do
      ip "$1" rule add priority $(($3 + 1)) from "$address" lookup "$3" || return 1
      ip "$1" rule add priority "$3" from "$address" lookup main suppress_prefixlength 0 || return 1
    done
  done
  other_defaults "$1" "$2" | while read -r _ via _ dev; do
    ip "$1" route append default via "$via" dev "$dev" table "$3" || return 1
  done
}
export -f keep_replies
forget_replies() {   # forget_replies FAMILY TABLE
  local each
  for each in "$2" $(($2 + 1)); do while ip "$1" rule del priority "$each" 2>/dev/null; do :; done; done
  ip "$1" route flush table "$2" 2>/dev/null || :
}
export -f forget_replies
spread() {   # spread FAMILY DESTINATION GATEWAY...: the route leads over each of them
  local shown each
  shown=$(ip "$1" route show "$2") || return 1
  for each in "${@:3}"; do [[ $shown == *"nexthop via $each "* ]] || return 1; done
}
export -f spread
