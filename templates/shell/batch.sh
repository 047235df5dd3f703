together() {   # together STEPS...: where nothing of these steps is there yet, `do_all` does them; else they go one by one
  local verbs each steps
  declare -ga titles=() soon=() inputs=()
  declare -gA told=() questions=() new=()
  at_once='' asked=() ways=() later=()
  if [ "$MODE" = up ] && [ -z "$again" ]; then
    report
    verbs=$(declare -f step unless undo run)
    listen_to
    for steps; do "$steps"; done
    eval "$verbs"
    words=''
    if nothing_yet; then
      at_once=1
      [ ${#ways[@]} = 0 ] || printf '%s\n' "${ways[@]}" >>"$JOURNAL"
      touched=1 ways=() asked=()
      unset -f "$@"   # of a thousand guests some 50 MB
      return 0
    fi
    for each in "${!new[@]}"; do unset "made[$each]"; done
  fi
  by_lists
  for steps; do "$steps"; done
}
listen_to() {   # the steps only tell what they would do
  step() { number=$1 words=$2 netns=${3:-} parts=- key=- question='' before=''; }
  unless() { quote question "$@"; [ "$parts" != - ] || asked+=("$question"); }
  undo() {
    quote command "$@"
    if [ -n "$netns" ] && [ ! -e "/run/netns/$netns" ]; then   # it goes along with that namespace
      later+=("$netns" $'undo\t'"$number"$'\t'"$parts" "$key"$'\t'"$question"$'\t'"$command")
      return 0
    fi
    place
    ways+=($'undo\t'"$number"$'\t'"$parts"$'\t'"$at"$'\t'"$key"$'\t'"$question"$'\t'"$command")
  }
  run() {
    told[$number]=$*   # no word of a batch needs quotes
    titles[number]=$words questions[$number]=${before:-$question}
    [ "$parts" != - ] || made[$number]=1 new[$number]=$command
  }
}
nothing_yet() {   # whether no question of `asked` is answered yes; one list of links serves for all
  local each name links
  local -A rules_of=()
  links=$(ip -o link show)
  for each in "${asked[@]}"; do
    name=${each#* dev } name=${name%% *}
    case $each in
    "has '' ip link show dev "*' type '*) [[ $links != *": $name"[:@]* && $links != *" altname $name"* ]] ;;
    'joined '*) name=${each#joined } name=${name%% *}; [[ $links != *": $name"[:@]* && $links != *" altname $name"* ]] ;;
    'iptables -w -C '* | 'iptables -w -t '*' -C '*) ! may_have "$each" || ! still "$each" ;;
    'test -e /var/run/netns/'*) [ ! -e "${each#test -e }" ] && [ ! -L "${each#test -e }" ] ;;
    *) ! still "$each" ;;
    esac || return 1
  done
}
may_have() {   # may_have QUESTION: whether there may be such a rule: its table is listed once, and has its interfaces and hosts
  local table=filter at -
  set -f
  # shellcheck disable=SC2086  # words
  set -- $1
  [ "$3" != -t ] || table=$4
  [ -n "${rules_of[$table]:-}" ] || { rules_of[$table]=" $(command iptables -w -t "$table" -S) "; rules_of[$table]=${rules_of[$table]//$'\n'/ }; }
  for ((at = $# - 1; at > 2; at--)); do   # the last words tell rules apart best
    case ${*:at:2} in
    -[io]\ * | --to-destination\ *) [[ ${rules_of[$table]} == *" ${*:at:2} "* ]] || return 1 ;;
    -[sd]\ */*) ;;
    -[sd]\ *) [[ ${rules_of[$table]} == *" ${*:at+1:1}/32 "* ]] || return 1 ;;
    esac
  done
}
do_all() {   # do_all COMMAND: its lines come on its input, each with the number of its step
  all_soon
  by_itself "$@"
}
do_soon() {   # do_soon COMMAND: as do_all, beside others that it has nothing to do with
  local -a lines
  [ -n "$at_once" ] || return 0
  mapfile -t lines
  printf -v said '%s\n' "${lines[@]}"
  "$@" >&8 2>&1 <<<"$said" &
  soon[$!]=$* inputs[$!]=$said
  [ ${#soon[@]} -lt 8 ] || all_soon
}
all_soon() {   # what failed beside others is done again by itself, which tells why
  local each
  for each in "${!soon[@]}"; do
    # shellcheck disable=SC2086  # words
    wait "$each" || by_itself ${soon[$each]} <<<"${inputs[$each]%$'\n'}"
  done
  soon=() inputs=()
}
by_itself() {
  local -a lines
  local from=0 line text
  [ -n "$at_once" ] || return 0
  mapfile -t lines
  while [ "$from" -lt ${#lines[@]} ]; do
    printf -v text '%s\n' "${lines[@]:from}"
    ! "$@" >/dev/fd/7 2>&1 <<<"$text" || break
    said=$(</dev/fd/7)
    line=${#lines[@]}   # it may not say which line it was
    [[ ! $said =~ (Command failed -:|[Ll]ine:?\ )([0-9]+) ]] || line=$((from + BASH_REMATCH[2]))
    case $1-$line in *-restore-${#lines[@]} | ip-* | nsenter-* | bridge-*) ;; *) not_so "$line" ;; esac
    [ "$line" = ${#lines[@]} ] || from=$((line - 1))
    all_so
    from=$line   # else someone else did it meanwhile
  done
}
all_so() {   # or the first step that is not so failed
  local at
  for ((at = from; at < line; at++)); do
    [[ ! ${lines[at]} =~ '# '[0-9]+$ ]] || still "${questions[${lines[at]##*# }]}" || not_so "$((at + 1))"
  done
}
not_so() {   # not_so LINE: its step failed; the number may stand before it
  local at=$(($1 - 1))
  while [ "$at" -gt 0 ] && [[ ! ${lines[at]} =~ '# '[0-9]+$ ]]; do at=$((at - 1)); done
  number=${lines[at]##*# }
  words=${titles[$number]:-}
  fail "${told[$number]:-$said}"
}
all_done() {   # note which things they are, and say so
  local each name id
  local -A named=()
  [ -n "$at_once" ] || { eval "$alone"; return 0; }
  all_soon
  for each in "${!new[@]}"; do
    case ${new[$each]} in
    'ip netns del '*) named["/run/netns/${new[$each]##* }"]=$each ;;
    *) number=$each command=${new[$each]} parts=- && is_made ;;
    esac
  done
  inodes=() ways=()
  [ ${#named[@]} = 0 ] || while read -r id name; do
    ways+=("is"$'\t'"${named["$name"]}"$'\t'"$id")
    inodes[${name##*/}]=$id
  done < <(stat -c '%i:%.9Z %n' "${!named[@]}")
  for ((each = 0; each < ${#later[@]}; each += 3)); do
    netns=${later[each]}
    place
    ways+=("${later[each + 1]}"$'\t'"$at"$'\t'"${later[each + 2]}")
  done
  [ ${#ways[@]} = 0 ] || printf '%s\n' "${ways[@]}" >>"$JOURNAL"
  for number in "${!titles[@]}"; do words=${titles[$number]} so=ok && report; done
}
