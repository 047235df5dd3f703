told_by_routers() {   # the links by which a router told something, and that would stop listening
  local link
  ip -6 -o route show table all | grep -E ' proto ra | expires ' | grep -oE ' dev [^ ]+' | sort -u |
    while read -r _ link; do
      [ "$(<"/proc/sys/net/ipv6/conf/$link/accept_ra")" != 1 ] || echo "net/ipv6/conf/$link/accept_ra = 1"
    done || :
}
keep_routers() { told_by_routers | sed 's/1$/2/' | sysctl -qep -; }
export -f told_by_routers keep_routers
card_behind() {   # card_behind BRIDGE FAMILY: the interface of the default route; once that is the bridge, the port whose MAC address it took
  local dev mac
  dev=$(ip "$2" route show default | sed -n '1s/.* dev \([^ ]*\).*/\1/p')
  [ "$dev" = "$1" ] || { printf '%s\n' "$dev"; return 0; }
  mac=$(ip -o link show dev "$1" | sed 's|.* link/ether \([^ ]*\) .*|\1|')
  ip -o link show master "$1" | sed -n "s|^[0-9]*: \([^@:]*\).* link/ether $mac .*|\1|p"
}
furniture() {   # furniture LINK: whether it is up, its addresses, its routes, in the words of `ip -batch`
  local name=${1//./\\.} flags='secondary|dynamic|tentative|dadfailed|optimistic|deprecated|permanent|nodad'
  [ -z "$(ip link show dev "$1" up 2>/dev/null)" ] || echo "link set dev $1 up"
  ip -o addr show dev "$1" 2>/dev/null |
    sed -E "/ temporary /d; s/ ($flags)( ($flags))* / /; s/([0-9])sec/\1/g; s/\$/ dev $1/
      s/^.* inet6 ([^\\\\]*)\\\\ /addr replace \1 nodad/; s/^.* inet ([^\\\\]*) ([^ ]*)\\\\ /addr replace \1 label \2 /"
  { ip -o -4 route show table all; ip -o -6 route show table all | sed 's|^default|::/0|'; } 2>/dev/null |
    sed -nE "/ dev $name( |\$)/!d; / proto kernel/d; /nexthop /d; s/ (linkdown|dead|offload|trap|nhid [0-9]+)\b//g
      s/([0-9])sec/\1/g; s/^/route append /p" | sort -s -k 4,4   # a route by a gateway needs the route to the gateway
}
furnish() {   # furnish FURNITURE: what is there already is well
  local said
  said=$(ip -force -batch - <<<"$1" 2>&1 | grep -v -e 'File exists' -e '^Command failed') || :
  [ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}
clear_out() {   # clear_out FURNITURE: take these addresses and routes away
  sed -n 's/^route append/route del/p; s/^addr replace/addr del/p' <<<"$1" | ip -force -batch - >/dev/null 2>&1 || :
}
as_of() { sed -E "/^link /d; s/ (dev|label) ${1//./\\.}\b/ \1 $2/g" <<<"$3"; }   # as_of LINK OTHER FURNITURE: the same, of another interface
move_over() {   # move_over LINK BRIDGE: the bridge gets the port and all that the port had
  local own
  own=$(furniture "$1")
  ip link set dev "$1" master "$2" && clear_out "$own" && furnish "$(as_of "$1" "$2" "$own")"
}
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
append_host() {   # append_host FILE ADDRESS NAMES
  local all
  all=$({ grep -a '' "$1" || :; printf '%s\t%s\n' "$2" "$3"; } | base64 -w 0) && put "$1" "$all"
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
drop_address() {   # drop_address ADDRESS LINK: `ip addr del`, and others in its subnet stay, which the kernel takes along
  local name=net/ipv4/conf/$2/promote_secondaries was code=0
  was=$(sysctl -n "$name") && sysctl -qw "$name=1" || return 1
  ip addr del "$1" dev "$2" || code=$?
  sysctl -qw "$name=$was" && return "$code"
}
export -f drop_address
others()    { sed -E "/^($1)[[:space:]]/d" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' | base64; }   # the other lines, but blank ones at the end: `put` leaves such when it is cut short
put_lines_back() {   # put_lines_back FILE WORDS BASE64: all as it was, or among what was changed since
  if [ "$(others "$2" <"$1")" = "$(base64 -d <<<"$3" | others "$2")" ]; then put "$1" "$3"; return $?; fi
  put "$1" "$(with_lines "$1" "$2" "$(base64 -d <<<"$3" | grep -aE "^($2)[[:space:]]")" | base64 -w 0)"
}
