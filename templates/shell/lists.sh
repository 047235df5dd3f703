# What is so already is told by one list of a place, where each step's own question would be a process.  A list becomes
# the questions that it surely answers with yes; any other question is asked by itself.
by_lists() {   # until `all_done`
  declare -gA lists=() answers=() pairs=()
  listings=0 alone=$(declare -f unless attempt)
  eval "alone_${alone/$'\n'attempt ()/$'\n'alone_attempt ()}"
  unless() {
    if [ -n "$so" ] || [ "$parts" != - ] || ! surely "$@"; then alone_unless "$@"; else
      quote question "$@"
      so=same
      shared
    fi
  }
  attempt() {   # what a command may change is listed anew
    local each
    case $1 in
    ip*tables) for each in filter nat mangle raw; do lists["$1 $each"]=''; done ;;
    *)
      lists[ports]=''
      for each in '' "$netns" "$@"; do lists["/$each"]='' lists["/$each -6"]=''; done ;;
    esac
    alone_attempt "$@"
  }
}
surely() {   # surely QUESTION: it is so
  local space='' at
  case $1 in
  has)
    case "$3 ${4:-}" in
    'ip -n') space=$5 ;;
    'ip link' | 'ip addr' | 'ip -4' | 'ip -6' | 'bridge -d') ;;
    *) return 1 ;;
    esac
    case " ${*:3:4} " in
    *' -6 '*) list_place "$space" -6; at=${lists["/$space -6"]} ;;
    ' bridge '*) list_ports; at=${lists[ports]} ;;
    *) list_place "$space"; at=${lists["/$space"]} ;;
    esac
    [ -n "${answers["$at $*"]:-}" ] ;;
  joined) surely_joined "${@:2}" ;;
  iptables | ip6tables) surely_a_rule "$@" ;;
  *) return 1 ;;
  esac
}
list_place() {   # list_place NETNS [-6]: its links, addresses and routes; no name: this host's; -6: the routes of IPv6
  local link='^"ifindex":([0-9]+),("link_index":([0-9]+),)?("link":"[^"]*",)?"ifname":"([^"\]+)","flags":\[(.*)\],"mtu":([0-9]+),(.*)'
  local address='^"family":"(inet6?)","local":"([^"]+)","prefixlen":([0-9]+),' way='^"dst":"([^"\]+)","gateway":"([^"]+)",'
  local each name='' place="/$1${2:+ $2}" what=$'addr show\nlink show type veth\nroute show' ip="ip${1:+ -n $1}" at -
  [ -z "${lists["$place"]:-}" ] || return 0
  lists["$place"]=$((++listings)) at=$listings
  [ -z "${2:-}" ] || what='route show'
  # As JSON, since a text names the namespace of each peer, for which all namespaces are looked through.
  what=$(exec ${1:+nsenter "--net=/run/netns/$1"} ip ${2:+"$2"} -j -batch - <<<"$what" 2>&8) || :
  local IFS=$'{\n'
  set -f
  for each in $what; do
    [[ $each != '"ifindex":'* ]] || name=''
    if [[ $each =~ $link ]]; then
      name=${BASH_REMATCH[5]}
      list_link "${BASH_REMATCH[1]}-${BASH_REMATCH[3]}" "${BASH_REMATCH[@]:6}"
    elif [[ -n $name && $each =~ $address ]]; then
      answers["$at has ${BASH_REMATCH[1]} ${BASH_REMATCH[2]}/${BASH_REMATCH[3]}  $ip addr show dev $name"]=1
    elif [[ $each =~ $way ]]; then
      answers["$at has  $ip ${2:--4} route show ${BASH_REMATCH[1]} via ${BASH_REMATCH[2]}"]=1
    fi
  done
}
list_link() {   # list_link INDEX-PEER FLAGS MTU REST: what `name` is set to; where it is there again: it is a veth
  local of="$ip link show dev $name"
  case ${pairs["$at $name"]:-} in
  '') pairs["$at $name"]=$1 ;;
  "$1") pairs["$at $name"]=$1-veth; answers["$at has  $of type veth"]=1; return 0 ;;
  *) return 0 ;;
  esac
  answers["$at has  mtu $3  $of"]=1
  [[ $2 != *'"UP"'* ]] || answers["$at has  $of up"]=1
  [[ ! $4 =~ ,\"master\":\"([^\"\\]+)\", ]] || answers["$at has  $of master ${BASH_REMATCH[1]}"]=1
  [[ ! $4 =~ ,\"address\":\"([0-9a-f:]+)\", ]] || answers["$at has  ${BASH_REMATCH[1]}  $of"]=1
}
list_ports() {   # what the ports of this host's bridges are set to
  local what each name IFS=$'{\n' -
  [ -z "${lists[ports]:-}" ] || return 0
  lists[ports]=$((++listings))
  what=$(exec bridge -d -j link show 2>&8) || :
  set -f
  for each in $what; do
    [[ $each =~ ,\"ifname\":\"([^\"\\]+)\", ]] || continue
    name=${BASH_REMATCH[1]}
    [[ $each != *',"hairpin":true,'* ]] || answers["$listings has hairpin on bridge -d link show dev $name"]=1
    [[ $each != *',"isolated":true,'* ]] || answers["$listings has isolated on bridge -d link show dev $name"]=1
  done
}
surely_joined() {   # surely_joined LINK NETNS PEER NETNS
  if [ "$2" = "$4" ]; then return 1; fi
  list_place "$2"
  list_place "$4"
  [[ ${pairs["${lists["/$2"]} $1"]:-} =~ ^([0-9]+)-([0-9]+)-veth$ ]] || return 1
  [ "${pairs["${lists["/$4"]} $3"]:-}" = "${BASH_REMATCH[2]}-${BASH_REMATCH[1]}-veth" ]
}
surely_a_rule() {   # surely_a_rule PROGRAM -w [-t TABLE] -C CHAIN WORDS
  local by=$1 table=filter at line what IFS=$'\n' -
  shift 2
  [ "$1" != -t ] || { table=$2; shift 2; }
  at="$by $table"
  if [ -z "${lists["$at"]:-}" ]; then
    lists["$at"]=$((++listings))
    what=$(exec "$by" -w -t "$table" -S 2>&8) || :
    set -f
    for line in $what; do   # as it would be typed
      line=${line/ -p tcp -m tcp / -p tcp } line=${line/ -p udp -m udp / -p udp } line=${line//\/32 / }
      answers["$listings ${line//\/128 / }"]=1
    done
  fi
  IFS=' '
  [ -n "${answers["${lists["$at"]} -A ${*:2}"]:-}" ]
}
