# What a whole lab makes: its names are free, or this run's own.
list_own() {   # list_own: the namespaces, links of this host and files of namespaces that this run has made before; before a namespace's name a slash
  local each
  for each in "${!mine[@]}"; do
    case $each in
    *'/var/run/netns/'*) each=/${each##*/var/run/netns/} ;;
    *' link show dev '*' type '*) each=${each#* dev } ;;
    *' pair_left '*) each=${each#* pair_left } ;;
    *' file_is /etc/netns/'*) each=${each#* file_is } ;;
    *) continue ;;
    esac
    own["${each%% *}"]=1
  done
}
names_free() {   # names_free NETNS...
  local each
  [ -n "${spared+listed}" ] || { local -A own=(); list_own; }
  for each in "$@"; do
    if [ ! -e "/run/netns/$each" ] && [ ! -L "/run/netns/$each" ]; then continue; fi
    [ -n "${own["/$each"]:-}" ] || { obstacle=$each; return 1; }
  done
}
guests_free() {   # guests_free ENGINE NAME...: no container has it, or one that this run has made
  local each said known
  local -A own=() wanted=()
  for each in "${@:2}"; do wanted["$each"]=1; done
  for each in "${!mine[@]}"; do
    [[ $each != *" marked $1 "* ]] || { read -r said known _ <<<"${each#* marked "$1" }"; own["$said=$known"]=1; }
  done
  while read -r each; do
    [ -n "${wanted["$each"]:-}" ] || continue
    known=$("$1" inspect -f '{{index .Config.Labels "bridgekit"}}' "$each" 2>&8) || known=
    [ -n "${own["$each=$known"]:-}" ] || { obstacle=$each; return 1; }
  done < <("$1" ps -a --format '{{.Names}}')
}
links_free() {   # links_free LINK[=PEER]...: of a pair both ends, where both are this host's
  local each end
  [ -n "${spared+listed}" ] || { local -A own=(); list_own; }
  for each in "$@"; do
    [ -z "${own["${each%=*}"]:-}" ] || continue
    for end in "${each%=*}" "${each#*=}"; do unused "$end" || { obstacle=$end; return 1; }; done
  done
}
files_free() {   # files_free FILE...
  local each
  [ -n "${spared+listed}" ] || { local -A own=(); list_own; }
  for each in "$@"; do
    if [ ! -e "$each" ] && [ ! -L "$each" ]; then continue; fi
    [ -n "${own["$each"]:-}" ] || { obstacle=$each; return 1; }
  done
}
ports_free() {   # ports_free PROTOCOL ADDRESS:PORT=DESTINATION...: no rule sends such a port elsewhere, no program has it
  local each at port to rule
  local -A wanted=() own=()
  for each in "${@:2}"; do
    at=${each%%=*}
    wanted["${at##*:}"]+="${at%:*}=${each#*=} "
  done
  for each in "${!mine[@]}"; do
    [[ $each == *" -p $1 --dport "*" --to-destination "* ]] || continue
    port=${each#* --dport }
    own["${port%% *}=${each##* }"]=1
  done
  while read -r rule; do
    port=${rule#* --dport } port=${port%% *} to=${rule##* }
    [ -z "${own["$port=$to"]:-}" ] || continue
    for each in ${wanted["$port"]:-}; do
      at=${each%%=*}
      if [ "${each#*=}" = "$to" ] || [[ $rule == *' -d '* && -n $at && $rule != *" -d $at/32 "* ]]; then continue; fi
      obstacle=$port
      return 1
    done
  done < <(command iptables -w -t nat -S | grep -E -- "^-A .* -p $1 .*--dport .*-j DNAT ")
  while read -r _ _ _ rule _; do
    port=${rule##*:}
    for each in ${wanted["$port"]:-}; do
      at=${each%%=*}
      [[ -n $at && ! ${rule%:*} =~ ^(\*|0\.0\.0\.0|$at)$ ]] || { obstacle=$port; return 1; }
    done
  done < <(ss -Hln "--$1")
}
joined() {   # joined LINK NETNS PEER NETNS: they are the two ends of one pair; no namespace: this host's
  local here there pair='^([0-9]+): [^ @]+@(if([0-9]+)|[^ :]+): '
  here=$(${2:+nsenter "--net=/run/netns/$2"} ip -o link show dev "$1" type veth) || return 1
  there=$(${4:+nsenter "--net=/run/netns/$4"} ip -o link show dev "$3" type veth) || return 1
  [[ $here =~ $pair ]] || return 1
  [[ $there == "${BASH_REMATCH[3]:-}: $3@if${here%%:*}: "* ]] || [[ $here == *": $1@$3: "* && $there == *": $3@$1: "* ]]
}
pair_left() { has '' ${2:+nsenter "--net=/run/netns/$2"} ip link show dev "$1" type veth; }   # pair_left LINK NETNS PEER NETNS: one of its ends
serves() {   # serves FOLDER NETNS: what was started runs, in the network that has the name now
  local pid
  for pid in $(keeper_pids "$1"); do [ ! "/proc/$pid/ns/net" -ef "/run/netns/$2" ] || return 0; done
  return 1
}
service_left() { has '' keeper_pids "$1"; }   # service_left FOLDER NETNS: in whatever network
listening() {   # listening FOLDER NETNS SECONDS PORT/PROTOCOL...: waits until something does
  local end=$((SECONDS + $3)) each
  until [ $# -gt 3 ] || serves "$1" "$2"; do   # on its way there it is in this host's network
    if [ -z "$(keeper_pids "$1")" ] || [ "$SECONDS" -ge "$end" ]; then tail -n 5 "$1/log"; return 1; fi
    sleep 0.02
  done
  for each in "${@:4}"; do
    until has '' nsenter --net="/run/netns/$2" ss -Hln "--${each#*/}" "sport = :${each%/*}"; do
      if [ -z "$(keeper_pids "$1")" ] || [ "$SECONDS" -ge "$end" ]; then tail -n 5 "$1/log"; return 1; fi
      sleep 0.02
    done
  done
}
