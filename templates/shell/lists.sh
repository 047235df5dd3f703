# What is so already is told by one list of a place, where each step's own question would be a process.  A list becomes
# the questions that it surely answers with yes; any other question is asked by itself.
by_lists() {   # until `all_done`
  declare -gA lists=() answers=() pairs=() at_index=()
  listings=0 alone=$(declare -f unless attempt)
  eval "alone_${alone/$'\n'attempt ()/$'\n'alone_attempt ()}"
  unless() {
    if [ -n "$so" ] || [ "$parts" != - ] || ! surely "$@"; then alone_unless "$@"; return; fi
    quote question "$@"
    so=same
    shared
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
    *' -6 '*) list "$space" -6; at=${lists["/$space -6"]} ;;
    ' bridge '*) list_ports; at=${lists[ports]} ;;
    *) list "$space"; at=${lists["/$space"]} ;;
    esac
    [ -n "${answers["$at $*"]:-}" ] ;;
  joined) surely_joined "${@:2}" ;;
  iptables | ip6tables) surely_a_rule "$@" ;;
  *) return 1 ;;
  esac
}
list() {   # list NETNS [-6]: its links, addresses and routes; no name: this host's; -6: the routes of IPv6
  local link='^([0-9]+): ([^ @:]+)(@if([0-9]+))?: (<[^>]*>) ([^\]*)\\ *link/[^ ]+ ([^ ]*)'
  local address='^[0-9]+: ([^ ]+) +(inet6? [^ ]+ )' route='^([^ ]+) via ([^ ]+) '
  local line place="/$1${2:+ $2}" what=$'link show\nlink show type veth\naddr show\nroute show' ip="ip${1:+ -n $1}" at -
  [ -z "${lists["$place"]:-}" ] || return 0
  lists["$place"]=$((++listings)) at=$listings
  [ -z "${2:-}" ] || what='route show'
  what=$(exec ${1:+nsenter "--net=/run/netns/$1"} ip ${2:+"$2"} -o -batch - <<<"$what" 2>&8) || :
  local IFS=$'\n'
  set -f
  for line in $what; do
    if [[ $line =~ $link ]]; then list_link "${BASH_REMATCH[@]:1}"
    elif [[ $line =~ $address ]]; then answers["$at has ${BASH_REMATCH[2]} $ip addr show dev ${BASH_REMATCH[1]}"]=1
    elif [[ $line =~ $route ]]; then
      answers["$at has  $ip ${2:--4} route show ${BASH_REMATCH[1]} via ${BASH_REMATCH[2]}"]=1
    fi
  done
}
list_link() {   # list_link INDEX NAME @PEER PEER FLAGS WORDS MAC: its settings; where it is there again: it is a veth
  local of="$ip link show dev $2"
  # NAME@PEER may be a name, but where the peer is in another namespace.
  if [ -n "$3" ] && [[ $line != *' link-netns'* ]]; then return 0; fi
  case ${pairs["$at $2"]:-} in
  '') pairs["$at $2"]="$1-$4" at_index["$at $1"]=$2 ;;
  "$1-$4") pairs["$at $2"]="$1-$4-veth"; answers["$at has  $of type veth"]=1; return 0 ;;
  *) return 0 ;;
  esac
  answers["$at has  $7  $of"]=1
  [[ $5 != *[\<,]UP[,\>]* ]] || answers["$at has  $of up"]=1
  [[ ! $6 =~ ^mtu\ [0-9]+\  ]] || answers["$at has  ${BASH_REMATCH[0]} $of"]=1
  [[ ! $6 =~ \ master\ [^\ ]+ ]] || answers["$at has  $of${BASH_REMATCH[0]}"]=1
}
list_ports() {   # what the ports of this host's bridges are set to
  local line what name each IFS=$'\n' -
  list ''
  [ -z "${lists[ports]:-}" ] || return 0
  lists[ports]=$((++listings))
  what=$(exec bridge -d -o link show 2>&8) || :
  set -f
  for line in $what; do
    name=${at_index["${lists[/]} ${line%%:*}"]:-}
    for each in 'hairpin on' 'isolated on'; do
      [[ -z $name || $line != *\\*" $each "* ]] || answers["$listings has $each bridge -d link show dev $name"]=1
    done
  done
}
surely_joined() {   # surely_joined LINK NETNS PEER NETNS
  if [ "$2" = "$4" ]; then return 1; fi
  list "$2"
  list "$4"
  [[ ${pairs["${lists["/$2"]} $1"]:-} =~ ^([0-9]+)-([0-9]+)-veth$ ]] || return 1
  [ "${pairs["${lists["/$4"]} $3"]:-}" = "${BASH_REMATCH[2]}-${BASH_REMATCH[1]}-veth" ]
}
surely_a_rule() {   # surely_a_rule PROGRAM -w [-t TABLE] -C CHAIN WORDS
  local program=$1 table=filter at line what IFS=$'\n' -
  shift 2
  [ "$1" != -t ] || { table=$2; shift 2; }
  at="$program $table"
  if [ -z "${lists["$at"]:-}" ]; then
    lists["$at"]=$((++listings))
    what=$(exec "$program" -w -t "$table" -S 2>&8) || :
    set -f
    for line in $what; do   # as it would be typed
      line=${line/ -p tcp -m tcp / -p tcp } line=${line/ -p udp -m udp / -p udp } line=${line//\/32 / }
      answers["$listings ${line//\/128 / }"]=1
    done
  fi
  IFS=' '
  [ -n "${answers["${lists["$at"]} -A ${*:2}"]:-}" ]
}
