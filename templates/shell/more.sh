distro_of() {   # distro_of NAME...: the first of these that os-release names, as the host's own or as what it is like
  local each
  # shellcheck source=/dev/null
  . /etc/os-release
  for each in $ID ${ID_LIKE:-}; do case " $* " in *" $each "*) echo "$each"; return 0 ;; esac; done
}
stays() {   # the run is marked: `bridgekit watch` does it again when its guest starts
  [ "$MODE" != up ] || grep -qx stays "$JOURNAL" || note stays
}
apt() { command apt -y "$@"; }   # the documents leave its question to a person
has_package() {
  case $1 in
  apt) [ "$(dpkg-query -W -f '${Status}' "$2")" = 'install ok installed' ] ;;
  apk) apk info -e "$2" ;;
  dnf) rpm -q "$2" ;;
  pacman) pacman -Q "$2" ;;
  esac >/dev/null 2>&1
}
missing() { local each; for each in "${@:2}"; do has_package "$1" "$each" || printf '%s ' "$each"; done; }
all_of()  { lacks missing "$@"; }
any_of()  {   # any_of MANAGER PACKAGE...: at least one is there, if only in part
  local each
  for each in "${@:2}"; do
    case $1 in
    apt) ! dpkg-query -W -f '${db:Status-Status}' "$each" 2>/dev/null | grep -vxE 'not-installed|config-files' >/dev/null ;;
    *) ! has_package "$1" "$each" ;;
    esac || return 0
  done
  return 1
}
drop() {   # drop MANAGER 'PACKAGES': refused where something else needs one of them
  local -a list=()
  local each
  for each in $2; do if any_of "$1" "$each"; then list+=("$each"); fi; done
  [ ${#list[@]} -gt 0 ] || return 0
  case $1 in
  apt) dpkg --remove "${list[@]}" ;;
  apk) apk del "${list[@]}" ;;
  dnf) rpm -e "${list[@]}" ;;
  pacman) pacman -R --noconfirm "${list[@]}" ;;
  esac
}
trusted()  { [ -s "$1" ] || apt-key list 2>/dev/null | grep -qF docker.com; }
distrust() { rm -f "$1"; ! apt-key list 2>/dev/null | grep -qF docker.com || apt-key del 0EBFCD88; }
sources_of() {   # sources_of URL: the files with it; one of the two places may be missing
  grep -rlsE --include='*.list' --include='*.sources' "^[^#]*$1" /etc/apt/sources.list /etc/apt/sources.list.d || :
}
forget_source() {   # forget_source FILE URL: others' lines stay; a file of add-apt-repository's own goes
  local each
  rm -f "$1"
  for each in $(sources_of "$2"); do
    case $each in
    */archive_uri-*) rm "$each" ;;
    *) sed -i "\|^[^#]*$2|d" "$each" ;;
    esac
  done
}
subnet_free() {   # subnet_free SUBNET INTERFACE...
  local own="${*:2}${spared:+ $spared}" others family=-4
  own=${own//./\\.}
  case $1 in *:*) family=-6 ;; esac
  others=$({ ip "$family" route show root "$1"; ip "$family" route show match "$1"; } |
    grep -vE "^(default|0.0.0.0/1|128.0.0.0/1|::/1|8000::/1|2000::/3) | dev (${own// /|})( |\$)") || :   # a VPN's two halves of the world, too
  obstacle=${others%%$'\n'*}
  [ -z "$others" ]
}
own_uts() { [ ! "/proc/$1/ns/uts" -ef /proc/1/ns/uts ] && [ ! "/proc/$1/ns/uts" -ef "/proc/$$/ns/uts" ]; }
has_host()  { [ -z "$2" ] || grep -aqxF -e "$2"$'\t'"$3" "$1"; }   # without an address there is no line to have
drop_host() {   # drop_host FILE ADDRESS NAMES
  local at
  at=$(grep -anxF -m 1 -e "$2"$'\t'"$3" "$1") && put "$1" "$(sed "${at%%:*}d" "$1" | base64 -w 0)"
}
lines_are() { [ "$(grep -aE "^($2)[[:space:]]" "$1")" = "$(printf '%s\n' "${@:3}")" ]; }   # lines_are FILE WORDS LINE...
one_path() { ! { ip -o -4 route show table all; ip -o -6 route show table all; } | grep "nexthop .* dev $1 " >/dev/null; }
tap_or_free() { has 'tun type tap ' ip -d link show dev "$1" || lacks ip link show dev "$1"; }
habits() {   # habits LINK: its own settings, where they are not the usual ones
  local file own usual
  for file in "/proc/sys/net/ipv4/conf/$1"/* "/proc/sys/net/ipv6/conf/$1"/*; do
    { read -r own <"$file" && read -r usual <"${file%/*/*}/default/${file##*/}"; } 2>/dev/null || continue
    [ "$own" = "$usual" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$own"
  done
}
is_lent() { lacks ip link show dev "$1" || [ -e "$STATE/.$1.lent" ]; }   # gone, or on its way back and not all of it there
moved_over() { has '' ip link show dev "$1" master "$2"; }
lent_or_bare() {   # lent_or_bare LINK [BRIDGE]: it is where we put it, or came back by itself with nothing that it had
  if [ -n "${2:-}" ]; then moved_over "$@"; else is_lent "$1"; fi && return 0
  lacks ip -o addr show dev "$1" scope global && has '' ip link show dev "$1" && ! has ' master ' ip link show dev "$1"
}
bring_back() {   # bring_back LINK NETNS HABITS FURNITURE
  fetch "$1" "$2" || return 1
  still "has '' ip link show dev $1" || [ $? != 1 ] || { say "$1 is gone: its addresses and routes cannot come back" >&6; return 0; }
  : >"$STATE/.$1.lent"
  restore "$3" && furnish "$4" && rm "$STATE/.$1.lent"
}
move_back() {   # move_back LINK BRIDGE FURNITURE: leaves the bridge last: till then it can be done again
  clear_out "$(as_of "$1" "$2" "$3")" && furnish "$3" && ip link set dev "$1" nomaster
}
