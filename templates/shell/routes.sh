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
default_back() {   # default_back FAMILY GATEWAY LINK OLD: the old ones first, so that there is always one
  local said
  said=$(ip "$1" -force -batch - <<<"$4" 2>&1 | grep -v -e 'File exists' -e '^Command failed') || :
  ip "$1" route del default via "$2" dev "$3" || return 1
  [ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}
export -f default_back
mtu_of() {   # mtu_of LINK: Ethernet's, where the link is not there yet
  local shown
  shown=$(ip -o link show dev "$1" 2>/dev/null) || shown=' mtu 1500 '
  shown=${shown#* mtu }
  echo "${shown%% *}"
}
