#!/usr/bin/env bash
# Get eth1 of web an address by DHCP, and keep it.
# Made by: bridgekit dhcp web --client dhclient --hostname app --option '-s 10.0.0.1'
# bash FILE [up | check | down [-n]]   up does it (the default), check asks whether it is so, down takes it back
# A step: `unless` it is so already, its `undo` is noted in /run/bridgekit, then it is `run`.  If one fails, all is taken back.
[ -n "${BASH_VERSION:-}" ] || { echo 'bridgekit: this script wants bash: bash FILE' >&2; exit 2; }
trap 'echo "bridgekit: the end of this script is missing; nothing was done" >&2; exit 2' EXIT
NAME=dhcp-web-eth1 TOTAL=9 steps='' NEEDS='docker=docker.io mount=mount ip=iproute2'
GUEST=${GUEST:-web}   # may be set in the environment
<<'STEPS' read -rN 99999999 steps || :   # the network, down to STEPS; none of it is done before bash has read the last line of this file

step 1 "Learn the process id of $GUEST."
  pid=$(docker inspect -f '{{.State.Pid}}' "$GUEST")
  need "the guest is not running: process $pid does not exist" test -e "/proc/$pid/ns/net"
  need "the guest (process $pid) shares the host's network; it must have a network namespace of its own" own_netns "/proc/$pid/ns/net"
  need 'the guest has no interface eth1; make one first: bridgekit attach, or bridgekit macvlan' has '' nsenter "--net=/proc/$pid/ns/net" ip link show dev eth1
  need 'a program is missing: dhclient: apt-get install isc-dhcp-client' has '' dhcp_client dhclient
  need "another DHCP client is at work on the guest's eth1; see bridgekit runs, and undo that run first" lease_free /run/bridgekit-dhcp.web-eth1 dhclient

step 2 "Ask the engine for ResolvConfPath: where it keeps that file of $GUEST."
  resolv_file=$(docker inspect -f '{{.ResolvConfPath}}' "$GUEST")
  need "docker keeps no resolv.conf for $GUEST that could be written: $resolv_file" test -f "$resolv_file"
  need 'the name web leads to another namespace; undo what made it, or choose another with --netns' name_or_free /var/run/netns/web "/proc/$pid/ns/net"

step 3 'Make a namespace named web.'
  unless test -e /var/run/netns/web
  undo   ip netns del web
  run    ip netns add web

step 4 "Put the guest's namespace behind the name web."
  unless is "$(stat -L -c %i "/proc/$pid/ns/net")" stat -L -c %i /var/run/netns/web
  undo   umount /var/run/netns/web
  run    mount --bind "/proc/$pid/ns/net" /var/run/netns/web

step 5 '[web] Bring lo up.' web
  unless has '' ip -n web link show dev lo up
  sets   state of lo
  undo   ip -n web link set lo down
  run    ip -n web link set lo up

step 6 '[web] Bring eth1 up.' web
  unless has '' ip -n web link show dev eth1 up
  sets   state of eth1
  undo   ip -n web link set eth1 down
  run    ip -n web link set eth1 up

step 7 "Make /run/bridgekit-dhcp.web-eth1, for the files of the guest's DHCP client."
  unless test -d /run/bridgekit-dhcp.web-eth1
  undo   clear_lease /run/bridgekit-dhcp.web-eth1 web
  run    make_lease /run/bridgekit-dhcp.web-eth1

step 8 'Start dhclient for eth1 in web, and wait at most 30 s for an address.'
  unless has '' keeper_pids /run/bridgekit-dhcp.web-eth1
  undo   end_lease /run/bridgekit-dhcp.web-eth1
  run    take_lease /run/bridgekit-dhcp.web-eth1 dhclient web eth1 30 "$pid" app "$resolv_file" -s 10.0.0.1

step 9 'See that eth1 has its address.'
  expect 'inet ' ip -n web addr show eth1

STEPS

{ # ---- How a step is done and undone: the same in every script of bridgekit 0.1.0; SHA-256 f68733a3874af01c1b94aa56f4e1514a9330e078dd083dc001e1747ebbef7ac3
# Nothing of your shell is code here: none of its functions, and no options of its own.
trap - EXIT
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS is exported: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -Eeuo pipefail
[ -e /proc/self/fd/1 ] || exec >/dev/null
[ -e /proc/self/fd/2 ] || exec 2>/dev/null
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
STATE=/run/bridgekit JOURNAL=/run/bridgekit/$NAME
MODE='' number=0 words='' so='' said='' why='' netns='' at=- parts=- key=- question='' before='' command=''
touched='' finished='' bad='' again='' replace='' change='' dry='' cut='' fresh='' here='' time='' whole='' kind='' order=0 host='' backend='' mark=0 sum='' locked='' depth=0 deaf='' heard='' obstacle=''
declare -A made=() mine=() noted=() roots=() inodes=() versions=()
exec 7>&- 8>/dev/null   # 7, once there is a run: what a command says; 8: what a question complains of

# Questions.  has TEXT COMMAND: it prints something with TEXT in it; is TEXT COMMAND: just TEXT; lacks COMMAND: nothing.
has()   { local out; asked "${@:2}" && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; asked "${@:2}" && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
asked() {   # out: what it prints.  What a program says goes to a file: a subshell costs more.  A word of ours has one
  local code=0
  if declare -F "$1" >/dev/null || [ ! -e /dev/fd/7 ] || [ -n "${unwritten:-}" ] || [ "$BASH_SUBSHELL" -gt "$depth" ]; then out=$("$@" 2>&8) || code=$?
  else
    "$@" >/dev/fd/7 2>&8 || code=$?
    has_room || full
    IFS= read -rd '' out </dev/fd/7 || while [[ $out == *$'\n' ]]; do out=${out%?}; done
  fi
  [ "$code" = 0 ] || { declare -F "$1" || echo "$1: failed"; return 1; } >&8   # also a program that fails without a word
}
has_room() { { echo >>/dev/fd/7; } 2>&8; }   # what was said is all there: few programs tell that they could not write
full() {
  [ -n "$touched" ] || refuse "$no_room $STATE"
  said=''
  fail "$no_room $STATE"
}
still() {   # still QUESTION: 0 yes, 1 no, 2 it could not be asked
  local answer=0
  why=$(eval "$1" 8>&1 2>&1 >/dev/null) || answer=1
  case $answer$why in
  1*IFNAMSIZ* | 1*'argument "'*'" is wrong'*) return 1 ;;   # too long for the name of a link, or no word for ip: there is none
  *'failed to execute'* | *'exec of '* | *'Table does not exist'* | *'ommand not found'*) return 2 ;;
  1 | *'does not exist'* | *'Cannot find device'* | *[Nn]'o such '* | *'matching rule exist'* | *'No chain'*) return "$answer" ;;
  1* | *': failed') return 2 ;;
  esac
}

# What is said.
say()    { printf '%s\n' "$*" 2>/dev/null || :; }
report() { [ -z "$words" ] || say "${so:-ok} $number/$TOTAL $words"; words='' so=''; }
refuse() { say "bridgekit: $1" >&2; exit 3; }
quote()  { printf -v "$1" '%q ' "${@:2}"; printf -v "$1" %s "${!1% }"; }   # quote VARIABLE WORD...
fail() {   # fail COMMAND: leaving takes back what this run made
  [ "$MODE" = up ] || { so=WRONG bad=1; return 0; }
  trap '' PIPE   # nobody may be left who listens
  { say "FAILED $number/$TOTAL $words"; say "  $1"; [ -z "$said" ] || say "  ${said//$'\n'/$'\n'  }"; hint; } >&2
  words=''
  exit 1
}
stop() {   # stop SIGNAL
  if [ -n "$deaf" ]; then heard=$1; return 0; fi
  said=$stopped
  fail "SIG$1"
}

# A step.  It is so already (`unless`), or its way back is noted (`undo`) and then it is done (`run`).
steps() { eval "$steps"; }   # it is text so far: bash with all of it in its memory would take longer for each command
step() { report; number=$1 words=$2 netns=${3:-} said='' parts=- key=- question='' before='' command=''; }
need() {   # need WORDS QUESTION: or nothing is touched
  "${@:2}" || unmet "$@"
  quote question "${@:2}"
  [ "$MODE" != up ] || [ -n "$again" ] || note needs "$question"
}
remark() { "${@:2}" || say "note: $1" >&2; }   # remark WORDS QUESTION: nothing depends on it
unmet() {
  local text=$1${obstacle:+: $obstacle}
  [ -n "$touched" ] || refuse "$text"
  said=$text
  quote command "${@:2}"
  fail "$command"
}
part_of() {   # part_of STEP...: it goes with what one of those made; where this run made that, there is nothing to ask
  local each
  for each in "$@"; do [ -z "${made[$each]:-}" ] || [ -n "$whole" ] || parts+=,$each; done
}
sets() { quote key "$@"; }   # sets WHAT: a value; undo brings back the one before
unless() {
  quote question "$@"
  if [ "$so" = theirs ]; then so=same; [ "$MODE" != up ] || ! ("$@") >/dev/null 2>&1 || shared; return 0; fi   # used all the same
  if [ -n "$so" ] || [ "$parts" != - ]; then return 0; fi
  case $1 in
  test | has | is | lacks) if "$@"; then so=same; shared; fi ;;
  *) if ("$@") >/dev/null 2>&1; then so=same; shared; fi ;;   # in a subshell, so that a trap meanwhile still speaks aloud
  esac
}
undo() {
  if [ -n "$so" ] || [ "$MODE" != up ]; then return 0; fi
  quote command "$@"
  place
  note undo "$number" "$parts" "$at" "$key" "$question" "$command"
}
run() {
  [ -z "$so" ] || return 0
  [ "$MODE" = up ] || { so=MISSING bad=1; return 0; }
  touched=1 fresh=/sys/class/net/${command##* }
  [ ! -e "$fresh" ] || fresh=''
  if attempt "$@"; then is_made; return 0; fi
  if [ "$parts" != - ] && still "${before:-$question}"; then so=same; return 0; fi   # someone else did it meanwhile
  quote command "$@"
  fail "$command"
}
attempt() {   # as `asked`; a signal meanwhile is heard when it is done
  local code=0
  if declare -F "$1" >/dev/null; then
    deaf=1   # inside `eval`, bash waits for a program, and not for what is in $()
    said=$("$@" 2>&1 </dev/null) || code=$?
    deaf=''
    [ -z "$heard" ] || stop "$heard"
    return "$code"
  fi
  "$@" >/dev/fd/7 2>&1 </dev/null && return 0
  said=$(</dev/fd/7)
  has_room || said+=" $no_room $STATE"
  return 1
}

# Which things they are: what bears a name later may be something else.
place() {   # where the step is done: the namespace behind its name, and whose tables they are
  at=-
  [ -z "$netns" ] || at=$netns=${inodes[$netns]:=$(behind "$netns")}
  tables
  at+=$backend
}
behind() {   # behind NETNS: a mount keeps its inode's time; behind a link there is the number alone
  if [ -L "/run/netns/$1" ]; then stat -L -c %i "/run/netns/$1"; else stat -c %i:%.9Z "/run/netns/$1"; fi
}
tables() {   # of a question about rules: who keeps them, nf_tables or legacy
  local program
  backend=''
  case $question in *ip6tables\ *) program=ip6tables ;; *iptables\ *) program=iptables ;; *) return 0 ;; esac
  [ -n "${versions[$program]:-}" ] || versions[$program]=$(command "$program" -V 2>&8) || :
  backend=${versions[$program]##*(}
  backend=/${backend//[^a-z0-9_.]/}
}
is_made() {
  [ "$parts" = - ] || return 0
  made[$number]=1
  case $command in
  *'link del dev '* | 'drop_link '*)
    # /sys shows one namespace: if the link came there now, this one.  Of the others `finish` asks at once.
    if [[ -n $fresh && $command == 'ip link '* ]] && { read -r at <"$fresh/ifindex"; } 2>&8; then note is "$number" "$at"
    else roots[$number]=$command; fi ;;
  'ip netns del '*)
    stat -c %i:%.9Z "/run/netns/${command##* }" >/dev/fd/7
    read -r at </dev/fd/7
    inodes[${command##* }]=$at
    note is "$number" "$at" ;;
  *' /var/run/netns/'*)
    inodes=()
    note is "$number" "$(identity "$command")" ;;
  esac
}
identity() {   # identity COMMAND: of what it takes away
  local link
  eval "set -- $1"
  case $* in
  'ip link '*) link=$(ip -o link show dev "$5") || return 1 ;;
  'ip -n '*) link=$(ip -n "$3" -o link show dev "$7") || return 1 ;;
  'drop_link '*) link=$(nsenter --net="$3" ip -o link show dev "${4:-$2}") || return 1 ;;
  *)
    link=${*: -1}
    link=/run/netns/${link##*/}
    readlink "$link" || stat -c %i:%.9Z "$link"
    return $? ;;
  esac
  echo "${link%%:*}"
}
links() {   # links: the index of each, by name; a name that two may have (NAME@PEER) has none
  local index name line IFS=$'\n' -
  set -f
  for line in $(ip -o link show); do   # a pipe is read byte by byte by all but this
    index=${line%%:*} name=${line#*: } name=${name%%[:@]*}
    [ -z "${links["$name"]+known}" ] || index=''
    links["$name"]=$index
  done
}
identify() {   # note which links this run made
  local index each
  local -A links=()
  [ ${#roots[@]} -gt 0 ] || return 0
  links
  for each in "${!roots[@]}"; do
    index=''
    case ${roots[$each]} in 'ip link '*) index=${links["${roots[$each]##* }"]:-} ;; esac
    [ -n "$index" ] || index=$(identity "${roots[$each]}") || continue
    note is "$each" "$index"
  done
}

# The journal, /run/bridgekit/NAME: a file a run, only added to or replaced whole, under a lock.  A line's fields, by tabs:
#   started ORDER NETNS RECIPE STEPS SHA256 TIME COMMAND PLAN    needs QUESTION    uses PLACE QUESTION    finished TIME
#   undo STEP PARTS PLACE KEY QUESTION COMMAND    is STEP IDENTITY    words NAMES DEFINITIONS    settled
note()    { local IFS=$'\t'; printf '%s\n' "$*" >>"$JOURNAL"; }
rewrite() { if cat >"$STATE/.new" && mv "$STATE/.new" "$1"; then return 0; fi; rm -f "$STATE/.new"; return 1; }
shared() {   # it is used, whoever made it
  [ "$MODE-${mine["$number"]:-}" = up- ] || return 0
  place
  [ -n "${mine["$at $question"]:-}${noted["$at $question"]:-}" ] || note uses "$at" "$question"
}
first_line() {   # first_line JOURNAL: its order, its host
  kind='' order=0 host=''
  [ ! -f "$1" ] || IFS=$'\t' read -r kind order host _ <"$1" || :
  [[ $kind == started && $order =~ ^[1-9][0-9]{0,14}$ ]] || order=0 host=''
}
at_home() {   # the journal is this host's, and all its lines are whole: the step of one that was cut off had not begun
  local -a all
  first_line "$JOURNAL"
  [ -z "$host" ] || [ "$host" = "${here:=$(stat -L -c %i /proc/self/ns/net)}" ] || refuse "$elsewhere"
  if [ -n "$dry" ] || [ "$MODE" = check ]; then   # who only asks changes nothing
    [ -z "$(tail -c 1 "$JOURNAL")" ] || cut=1
  else whole_lines; fi
}
whole_lines() {
  local -a all
  mapfile all <"$JOURNAL"
  case ${all[*]: -1} in '' | *$'\n') ;; *) truncate -s "-${#all[-1]}" "$JOURNAL" ;; esac
}
lock() {
  local found until
  until [ "$STATE" -ef /proc/self/fd/9 ]; do   # it may have gone and come again
    [ -d "$STATE" ] || mkdir -m 700 "$STATE" 2>/dev/null || [ -d "$STATE" ] || refuse "$no_state $STATE"
    found=$(stat -L -c '%u %a %F %i' "$STATE" /proc/self/ns/net)
    [[ ! -L $STATE && $found == '0 700 directory '* ]] || refuse "$not_ours $STATE"
    here=${found##* }
    exec 9<"$STATE"
    flock -w 10 9 || { read -r until <"$STATE/.until" && flock -w "$((until > EPOCHSECONDS ? until - EPOCHSECONDS : 0))" 9; } 2>&8 ||
      refuse "$busy"
  done
  locked=1
  [ ! -e "$STATE/.new" ] || rm "$STATE/.new"
  [ ! -e "$STATE/.until" ] || rm "$STATE/.until"   # of one that was killed
  [ ! -e "$JOURNAL" ] || at_home
  [ -n "$dry" ] || settle
}

# From beginning to end.
begin() {
  local file last=0
  finished=1   # what is refused before it begins is not taken back
  trap leave EXIT
  lock
  [ ! -e "$JOURNAL" ] || recall
  hear
  { exec 7<>"$STATE/.said"; } 2>&8 || refuse "$no_room $STATE"
  rm "$STATE/.said"
  if [ -n "$again" ]; then mark=$(wc -l <"$JOURNAL") finished=''; return 0; fi
  { printf %s "$steps" >/dev/fd/7; } 2>&8 || full   # about as much as will be noted
  for file in "$STATE"/*; do [ ! -e "$file" ] || first_line "$file"; last=$((order > last ? order : last)); done
  [ -n "$sum" ] || [ ! -f "$0" ] || sum=$(sha256sum <"$0")
  sum=${sum%% *} finished=''   # no field is empty: `read` would skip it
  now
  note started $((last + 1)) "$here" "$RECIPE" "$TOTAL" "${sum:--}" "$time" "${MADE_BY:--}" "$PLAN"
  [ -n "$KEPT" ] || return 0
  # shellcheck disable=SC2086  # words
  quote question "$(declare -f $KEPT)"
  note words "${KEPT// /,}" "$question"
}
now() { TZ=UTC0 printf -v time '%(%FT%T)T' "${EPOCHREALTIME%.*}"; time+=.${EPOCHREALTIME: -6:3}Z; }
hear() {
  trap '[ "$BASH_SUBSHELL" -gt "$depth" ] || fail "$BASH_COMMAND"' ERR   # a subshell's failure is told by who started it
  trap 'stop INT' INT; trap 'stop TERM' TERM; trap 'stop HUP' HUP; trap 'stop PIPE' PIPE
}
recall() {   # there is a journal of this name: half a run, a run with other parameters, or this one
  local made_by plan
  IFS=$'\t' read -r _ _ _ _ _ _ _ made_by plan <"$JOURNAL" || :
  if ! grep -q ^finished "$JOURNAL"; then say "$recovered"; clear_away; return 0; fi
  if [ "$plan" != "$PLAN" ]; then
    [ -n "$replace" ] || refuse "$other_plan: $made_by"
    clear_away
    say "$undone $NAME: $made_by"
    touched=1   # what fails now is not as if nothing had been done
    return 0
  fi
  again=1
  remember
}
clear_away() {
  take_back
  [ ! -e "$JOURNAL" ] || { say "$left" >&2; exit 1; }
  replace=''   # the one to come is not asked who stands on it
}
remember() {   # what this run has made before
  local kind step parts place asked
  while IFS=$'\t' read -r kind step parts place _ asked _; do
    case $kind in
    undo) mine["$place $asked"]=1 mine["$step"]=1 ;;
    uses) noted["$step $parts"]=1 ;;   # its fields are two
    esac
  done <"$JOURNAL"
}
finish() {
  report
  identify
  if [ -z "$again" ]; then now; note finished "$time"; fi
  finished=1
}
leave() {   # however this ends, nothing half-done stays
  local code=$?
  trap - EXIT ERR
  trap '' INT TERM HUP PIPE
  set +e
  wait   # for what is on its way
  if [ -z "$finished" ]; then
    if [ -e "$JOURNAL" ]; then
      whole_lines   # a note for which there was no room
      take_back "$mark"
    fi
    [ "$code" = 0 ] || code=3
    if [ -n "$bad" ]; then say "$left" >&2; code=1; elif [ -n "$touched" ]; then say "$rolled_back" >&2; code=1; fi
  fi
  close
  exit "$code"
}
may_take() { echo "$((EPOCHSECONDS + $1))" >"$STATE/.until"; }   # may_take SECONDS: as long other runs wait for this one
close() {   # only who has the lock knows that nobody is about to write there
  [ -z "$locked" ] || [ ! -e "$STATE/.until" ] || rm "$STATE/.until"
  [ -z "$locked" ] || compgen -G "$STATE/*" >&8 || rmdir "$STATE" 2>&8 || :
}
ready() {
  local each uid=''
  while read -r each _ uid _ && [ "$each" != Uid: ]; do :; done </proc/self/status   # EUID may be set by a caller
  [ "$uid" = 0 ] || refuse "$not_root"
  for each in $NEEDS; do command -v "${each%=*}" >/dev/null || refuse "$missing ${each%=*}: apt-get install ${each#*=}"; done
}
main() {
  MODE=$1
  case "$*" in 'down -n') dry=1 ;; 'up --replace') replace=1 ;; 'up --change') change=1 ;; 'up -n') change=1 dry=1 ;; 'up ' | 'check ' | 'down ') ;; *) say "$modes" >&2; exit 2 ;; esac
  case $NAME$PLAN in *[[:cntrl:]]*) say "bridgekit: $not_a_line" >&2; exit 2 ;; esac   # each would be a line of the journal
  [ "$MODE" != down ] || NEEDS=''
  [ "$MODE$steps" = down ] || [ -n "$steps" ] || refuse "$no_room ${TMPDIR:-/tmp}"   # where bash keeps what a pipe does not hold
  ready
  case $MODE in
  up)
    [ -z "$change" ] || change
    begin
    steps
    finish ;;
  check)
    [ ! -e "$JOURNAL" ] || { at_home; remember; }
    steps
    report ;;
  down)
    [ ! -e "$JOURNAL" ] || lock
    if [ ! -e "$JOURNAL" ]; then say "$nothing"; else take_back; [ -e "$JOURNAL" ] || say "$undone $NAME"; fi
    close ;;
  esac
  return "${bad:-0}"
}

# Undo: the newest first.  What another run uses is handed to it; what another run needs is not taken from under it.
take_back() {   # take_back [N]: what stands after the journal's first N lines
  local -a lines late=()
  local -A is=() newer=() heirs=() handed=() needers=() kept=()
  local i kind step from=${1:-0}
  trap '' INT TERM HUP PIPE
  local unwritten=1   # it asks also where there is no room for answers
  inodes=() versions=()
  mapfile -t lines <"$JOURNAL"
  [ -z "$cut" ] || unset 'lines[-1]'
  recollect
  choose
  other_runs
  if [ ${#needers[@]} -gt 0 ]; then
    [ -n "$dry" ] || refuse "$stand_on ${!needers[*]}"
    say "bridgekit: $stand_on ${!needers[*]}" >&2
    bad=3
  fi
  for ((i = ${#lines[@]} - 1; i >= from; i--)); do
    case ${#heirs[@]}${lines[i]#undo$'\t'*$'\t'} in 0-,*) continue ;; esac   # as `goes_along`, for most lines
    fields "$i" || continue
    [ -z "${newer["$at $question"]:-}" ] || continue   # done twice, it is taken back once
    newer["$at $question"]=1
    if [ -n "${heirs[$i]:-}" ]; then hand "${heirs[$i]}" || kept[$step]=1
    elif goes_along; then continue
    elif [ -n "$dry" ]; then is_another || back || :
    elif is_root; then late+=("$i")
    else at_once; fields "$i"; one_by_one; fi
  done
  at_once
  [ -n "$dry" ] || keep
}
choose() { :; }   # what of the run is taken back: all
fields() {   # those of line N; none is empty, none has a tab or a line's end in it
  local IFS=$'\t'
  set -f
  # shellcheck disable=SC2086  # they are words here
  set -- ${lines[$1]}
  set +f
  kind=${1:-}
  [ "$kind-$#" = undo-7 ] || return 1   # the step of a line that was cut off had not begun
  step=$2 parts=$3 at=$4 key=$5 question=$6 command=$7
}
settle() {   # what a run that was killed had noted and not done may be done by others after it: that is not its own
  local file kind step parts at key question command i last from=0
  local -a lines
  local -A is
  mapfile -t lines < <(compgen -G "$STATE/*")
  case ${lines[*]} in '' | "$JOURNAL") return 0 ;; esac
  while IFS= read -r file; do
    first_line "$file"
    if [ "$file" = "$JOURNAL" ] || [ "$host" != "$here" ]; then continue; fi
    mapfile -t lines <"$file"
    last=$((${#lines[@]} - 1))
    [ "${lines[last]}" != settled ] || continue   # asked once
    recollect
    for ((i = last; i > 0; i--)); do
      # Of a value only the last: what others have set since is not what it was before.
      if ! fields "$i" || { [ "$key" != - ] && [ "$i" != "$last" ]; }; then continue; fi
      holds || [ $? = 2 ] || unset "lines[i]"
    done
    printf '%s\n' "${lines[@]}" settled | rewrite "$file" 2>&8 || :
  done < <(grep -sL -D skip ^finished -- "$STATE"/*)
}
recollect() {   # which things they were, and the words that undo them
  local line name value names
  for line in "${lines[@]:from}"; do
    case $line in is$'\t'* | words$'\t'*) ;; *) continue ;; esac
    IFS=$'\t' read -r kind name value <<<"$line"
    case $kind in
    is) is["$name"]=$value ;;
    words)
      case $value in \$*) eval "value=$value" ;; *) value=$(base64 -d <<<"$value") ;; esac 2>&8 || continue   # cut: nothing was done after it
      eval "$value" 2>&8 || continue
      IFS=, read -ra names <<<"$name"; export -f "${names[@]}" ;;
    esac
  done
}
other_runs() {   # heirs: by line, the journal that takes it over; needers: the names of runs that stand on one
  local i file line what ours
  local -A at_line=() first=() need=() is_value=()
  local -a patterns=() others=()
  first_line "$JOURNAL"
  ours=$order
  for file in "$STATE"/*; do [ "$file" = "$JOURNAL" ] || others+=("$file"); done
  [ ${#others[@]} -gt 0 ] || return 0
  for ((i = from; i < ${#lines[@]}; i++)); do
    fields "$i" || continue
    patterns+=("$question") at_line["$at $question"]=$i at_line["$question"]=$i
    [ "$key" = - ] || patterns+=("$key") at_line["$at $key"]=$i is_value[$i]=1
  done
  [ ${#patterns[@]} -gt 0 ] || return 0
  while IFS= read -r -d '' file && IFS= read -r line; do
    IFS=$'\t' read -r what step parts at key question _ <<<"$line"
    first_line "$file"
    i=''
    case $what in
    needs) i=${at_line["$step"]:-}; [ -z "$i" ] || need[$i]+=" ${file##*/}"; continue ;;
    uses)
      i=${at_line["$step $parts"]:-}
      [ -z "$i" ] || [ -z "${is_value[$i]:-}" ] || [ "$order" -ge "$ours" ] || i='' ;;   # it had another value since
    undo)
      [ "$key" = - ] || [ "$order" -lt "$ours" ] || i=${at_line["$at $key"]:-}
      [ "$key" != - ] || [ "$order" -le "$ours" ] || i=${at_line["$at $question"]:-}   # it did the same later
      [[ $step != "$NAME".* ]] || i=${at_line["$at $question"]:-} ;;
    esac
    if [ -n "$i" ] && [ "$order" -lt "${first[$i]:-$((order + 1))}" ]; then first[$i]=$order heirs[$i]=$file; fi
  done < <(grep -sHZF -D skip -f <(printf '%s\n' "${patterns[@]}") -- "${others[@]}")
  for i in "${!heirs[@]}"; do fields "$i"; handed[$step]=1; done
  for i in "${!need[@]}"; do [ -n "${heirs[$i]:-}" ] || for what in ${need[$i]}; do needers[$what]=1; done; done
}
goes_along() {   # it is part of something that goes
  local each
  for each in ${parts//,/ }; do [ "$each" = - ] || [ -n "${handed[$each]:-}" ] || return 0; done
  return 1
}
is_another() {   # its name leads to something that this run did not make
  local now netns=${at%/*}
  if [ "$netns" != - ] && now=$(behind "${netns%=*}" 2>&8) && [ "$now" != "${netns##*=}" ]; then return 0; fi
  [ -n "${is[$step]:-}" ] && now=$(identity "$command" 2>&8) && [ "$now" != "${is[$step]}" ]
}
holds() {   # whether the line's question is so; of rules, only who keeps them can tell
  local answer=0
  still "$question" || answer=$?
  tables
  [[ $at != */* || $at == *"$backend" ]] || answer=2 why="$other_tables ${at##*/}"
  return "$answer"
}
back() {   # do what the line says, if there is something to take back; 1 if that could not be done
  local answer=0
  said=''
  holds || answer=$?
  [ "$answer" != 1 ] || return 0
  if [ "$answer" = 0 ]; then
    if [ -n "$dry" ]; then say "$command"; return 0; fi
    if { said=$(eval "$command" 2>&1 </dev/null); } 6>&1; then return 0; fi   # what is said to 6 is said all the same
    still "$question" || [ $? = 2 ] || return 0
  fi
  { say "$not_undone: $command"; [ -z "$said$why" ] || say "  ${said:-$why}"; } >&2
  bad=1
  return 1
}
hand() {   # hand JOURNAL: the line is another run's from now on; or, if that set the same value later, the value before both
  local used=$'uses\t'"$at"$'\t'"$question" line what=${command%%\\n*}
  [ "$what" = "$command" ] || what=${what#*\'}   # of many values the first
  [ "$parts" != - ] || say "$handed_to ${1##*/}: $what"
  [ -z "$dry" ] || return 0
  {
    head -n 1 "$1"
    grep '^words' "$JOURNAL" | grep -vxFf "$1" || :
    if grep -qxF -e "$used" "$1"; then
      [ -z "${is[$step]:-}" ] || printf 'is\t%s\t%s\n' "$NAME.$step" "${is[$step]}"
      printf 'undo\t%s\t-\t%s\t%s\t%s\t%s\n' "$NAME.$step" "$at" "$key" "$question" "$command"
      tail -n +2 "$1" | grep -vxF -e "$used"
    else
      tail -n +2 "$1" | while IFS= read -r line; do
        [ "$key" = - ] || [[ $line != undo*$'\t'"$at"$'\t'"$key"$'\t'* ]] || line=${line%$'\t'*}$'\t'$command
        printf '%s\n' "$line"
      done
    fi
  } | rewrite "$1"
}
keep() {   # the journal keeps what could not be taken back, and goes if nothing remains
  local -a rest=("${lines[@]:0:from}")
  local each
  if [ ${#kept[@]} = 0 ]; then
    if [ "$from" = 0 ]; then rm "$JOURNAL"; else truncate -s "$(head -n "$from" "$JOURNAL" | wc -c)" "$JOURNAL"; fi
    return 0
  fi
  for ((i = from; i < ${#lines[@]}; i++)); do
    fields "$i" || { rest+=("${lines[i]}"); continue; }
    for each in "$step" ${parts//,/ }; do
      if [ -n "${kept[$each]:-}" ]; then rest+=("${lines[i]}"); break; fi
    done
  done
  printf '%s\n' "${rest[@]}" | rewrite "$JOURNAL" || :   # where there is no room, all lines stay
}


# What is whole is taken back at once: its rules, then its links, then its namespaces, in as few processes as can be.
is_root() {   # nothing of the line needs its own process, and it is known which thing it was
  [[ $at = -* && $command != *[\\\'\"#\$]* ]] || return 1
  case $command in
  'ip link del dev '* | 'ip netns del '*) [ -n "${is[$step]:-}" ] ;;
  *)
    [[ $command =~ ^ip6?tables\ -w\ (-t\ [a-z]+\ )?-D\  ]] || return 1
    tables
    [[ $at == *"$backend" ]] ;;
  esac
}
at_once() {   # the lines in `late`, by number; what does not go so goes line by line
  local i step parts at key question command name what restore failed='' group=7001
  local -A links=() spaces=() rules=()
  local -a ends=() names=() others=() part
  if [ ${#late[@]} -gt 3 ]; then
    links
    list_spaces
    for i in "${late[@]}"; do
      fields "$i"
      name=${command##* }
      case $command in
      'ip link '*) if [ "${links["$name"]:-}" = "${is[$step]}" ]; then ends+=("$name"); else others+=("$i"); fi ;;
      'ip netns '*) if [ "${spaces["$name"]:-}" = "${is[$step]}" ]; then names+=("$name"); else others+=("$i"); fi ;;
      *)
        what=filter
        [[ $command != *' -t '* ]] || { what=${command#* -t } && what=${what%% *}; }
        rules["${command%% *} $what"]+="-D ${command#* -D }"$'\n' ;;
      esac
    done
    {
      for what in "${!rules[@]}"; do
        while mapfile -n 200 part && [ ${#part[@]} -gt 0 ]; do   # more may not fit into a netlink message
          printf %s "*${what#* }"$'\n' "${part[@]}" COMMIT$'\n' | "${what% *}-restore" -w --noflush || exit 1
        done < <(printf %s "${rules[$what]}")   # and more than a pipe holds would be a file in /tmp
      done &   # the kernel waits for rules and for links: for both at once
      restore=$!
      if [ ${#ends[@]} -gt 0 ]; then   # one by one the kernel waits for each
        while [ -n "$(ip -o link show group "$group")" ]; do group=$((group + 1)); done
        { printf "link set dev %s group $group\n" "${ends[@]}"; echo "link del group $group"; } | ip -batch - || failed=1
      fi
      wait "$restore" || failed=1
      [ ${#names[@]} = 0 ] || printf 'netns del %s\n' "${names[@]}" | ip -batch - || failed=1
    } >&8 2>&1
    [ -n "$failed" ] || late=("${others[@]}")
  fi
  for i in "${late[@]}"; do fields "$i"; one_by_one; done
  late=()
}
list_spaces() {   # of each namespace by its name which one it is
  local each all IFS=$'\n' -
  all=$(stat -c '%i:%.9Z %n' /run/netns/* 2>&8) || :   # one of them may be gone by now
  set -f
  for each in $all; do spaces["${each##*/}"]=${each%% *}; done
}
one_by_one() { is_another || back || kept[$step]=1; }

# ---- Of this script: what its journal says, its phrases, its words
RECIPE=dhcp KEPT='clear_lease end_lease keeper_pids pid_of'
MADE_BY='bridgekit dhcp web --client dhclient --hostname app --option '"'"'-s 10.0.0.1'"'"''
PLAN='bridgekit dhcp web --client dhclient --hostname app --option '"'"'-s 10.0.0.1'"'"''"; GUEST=$GUEST"
# shellcheck disable=SC2034  # a phrase may be for others' steps
{
must_work='must work'
must_print=', and print'
must_fail='must fail'
no_state='cannot use'
not_ours='this is not a directory of root'\''s alone:'
busy='another run is under way'
elsewhere='the journal is of another host (another network namespace): take it back there'
other_plan='a run of this name is in force with other parameters; undo it first, or replace it: up --replace.  It was made by'
recovered='an unfinished run is taken back first'
nothing='nothing to take back'
undone='undone'
not_a_line='a line break, or another control character, in a variable of this script'
stand_on='other runs stand on it; undo these first:'
not_undone='could not take back'
other_tables='iptables keeps its rules elsewhere now; this one is in'
handed_to='needed by another run, which takes it back later:'
rolled_back='rolled back'
left='not everything could be taken back; try again: bash FILE down'
stopped='stopped by a signal'
not_root='root is needed.  Run it with sudo, or with --sandbox in a throw-away host'
missing='a program is missing:'
no_room='no room is left in'
modes='usage: bash FILE [up [--replace] | check | down [-n]]'
no_lease='no DHCP server answered'
bad_lease='a DHCP server offered what no host can have'
ended_early='ended without a lease'
}
hint() {
  case $said in
  *'Unknown device type'*) say '  hint: this kernel has no such kind of interface' ;;
  *'File exists'*) say '  hint: it, or something of its name, is there already; look with: bridgekit show' ;;
  *'Operation not permitted'*) say '  hint: root of this namespace is needed' ;;
  *'not a TTY'*) say '  hint: start the container in a terminal of its own, then, with the script in a file (--output FILE): GUEST=ID bash FILE' ;;
  esac
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
keeper_pids() {   # keeper_pids FOLDER: the processes that wait for the end of what its script started; one in another host may look like them
  local pid
  for pid in $(pgrep -f "^(setsid -f )?(nsenter .* )?unshare --mount .* bash ${1//./\\.}/script start\$"); do
    [ ! "/proc/$pid/root$1/script" -ef "$1/script" ] || echo "$pid"
  done
}
expect() {   # expect TEXT COMMAND: it works, and prints TEXT
  if said=$("${@:2}" 2>&1 </dev/null) && [[ $said == *"$1"* ]]; then so=${so:-${again:+same}}; return 0; fi
  quote command "${@:2}"
  fail "$command  # $must_work${1:+$must_print $1}"
}
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
replace() {
  cat >"$1.new" && chmod --reference="$1" "$1.new" && chown --reference="$1" "$1.new" && mv "$1.new" "$1" && return 0
  rm -f "$1.new"
  return 1
}
dhcp_client() {   # dhcp_client CLIENT...: the first of these that this host has; udhcpc may be a part of busybox
  local each
  for each in "$@"; do
    if command -v "$each" >/dev/null || { [ "$each" = udhcpc ] && in_busybox udhcpc; }; then echo "$each"; return 0; fi
  done
}
in_busybox() { [[ $'\n'$(busybox --list 2>/dev/null)$'\n' == *$'\n'"$1"$'\n'* ]]; }
lease_free() { lacks keeper_pids "$1" || is "$2" cat "$1/client"; }   # lease_free FOLDER CLIENT: no client is at work there, or that one
make_lease() { mkdir -m 700 "$1"; }   # make_lease FOLDER: root's alone
clear_lease() {   # clear_lease FOLDER NETNS: what a client that did not end well left in the guest; its files
  local other
  if [ "$(cat "$1/netns" 2>/dev/null)" = "$(stat -L -c %i "/run/netns/$2" 2>/dev/null)" ]; then nsenter --net="/run/netns/$2" bash "$1/script" clear
  elif [ -e "$1/script" ]; then bash "$1/script" forget; fi
  if [ -e "$1/made" ]; then   # the folder where every dhcpcd looks for its own: the last one takes it away
    for other in /run/bridgekit-dhcp.*/run; do [ "$other" = "$1/run" ] || [ ! -d "$other" ] || break; other=''; done
    if [ -n "$other" ]; then : >"${other%run}made"; else rmdir --ignore-fail-on-non-empty /run/dhcpcd 2>/dev/null; fi
  fi
  rm -r "$1"
}
pid_of() { [ "/proc/$1/ns/pid" -ef "/proc/$$/ns/pid" ] || echo "--pid=/proc/$1/ns/pid"; }   # pid_of PID: `nsenter` into its PID namespace, if it has one
take_lease() {   # take_lease FOLDER CLIENT NETNS INTERFACE SECONDS PID HOSTNAME RESOLV_CONF [OPTION...]: with a process of the guest's it ends with that
  local end=$((SECONDS + $5)) into=() unseen=0
  [ -z "$6" ] || read -ra into <<<"$(pid_of "$6")"
  rm -f "$1/bound" "$1/refused"
  echo "$2" >"$1/client"
  stat -L -c %i "/run/netns/$3" >"$1/netns"
  write_client "$1" "$2" "$4" "$7" "$8" "${@:9}" || return 1
  (
    cd /
    for each in "/proc/$BASHPID/fd/"*; do [ "${each##*/}" -le 2 ] || eval "exec ${each##*/}>&-"; done
    exec env -i "PATH=$PATH" LC_ALL=C setsid -f nsenter "--net=/run/netns/$3" "${into[@]}" -- unshare --mount --propagation slave --fork bash "$1/script" start
  ) >"$1/log" 2>&1 </dev/null || { cat "$1/log"; return 1; }
  ! declare -F may_take >/dev/null || may_take "$(($5 + 10))"
  until [ -e "$1/bound" ]; do
    if [ "$SECONDS" -ge "$end" ]; then
      if [ -e "$1/refused" ]; then echo "${bad_lease:-a DHCP server offered what no host can have}: $(cat "$1/refused") ($4, $5 s)"
      else echo "${no_lease:-no DHCP server answered} ($4, $5 s)"; fi
      break
    fi
    if [ -n "$(keeper_pids "$1")" ]; then unseen=0; else unseen=$((unseen + 1)); fi
    if [ "$unseen" = 10 ]; then echo "$2 ${ended_early:-ended without a lease}"; break; fi   # one that is just starting another program has no words
    sleep 0.05
  done
  [ -e "$1/bound" ] || { tail -n 5 "$1/log"; return 1; }
}
end_lease() {   # end_lease FOLDER: the client gives its lease back, and ends
  local try into
  local -a waiting kids
  for ((try = 0; try < 300; try++)); do
    mapfile -t waiting < <(keeper_pids "$1")
    [ ${#waiting[@]} -gt 0 ] || return 0
    mapfile -t kids < <(pgrep -P "$(IFS=,; echo "${waiting[*]}")" | grep -vxF -f <(printf '%s\n' "${waiting[@]}"))
    case $try-${#kids[@]} in
    0-[1-9]*)
      read -ra into <<<"$(pid_of "${kids[0]}")"
      [ "$(cat "$1/client")" != dhclient ] || timeout 5 nsenter --target "${kids[0]}" --net --mount "${into[@]}" -- bash "$1/script" release
      kill -TERM "${kids[@]}" ;;
    100-[1-9]*) kill -TERM "${kids[@]}" ;;
    200-*) kill -KILL "${kids[@]}" "${waiting[@]}" ;;
    *9-0) kill -TERM "${waiting[@]}" ;;   # it is not there yet
    esac >/dev/null 2>&1 || :
    sleep 0.02
  done
  return 1
}
write_client() {   # write_client FOLDER CLIENT INTERFACE HOSTNAME RESOLV_CONF [OPTION...]: its script, and what it is told to ask for
  local options=("${@:6}")
  {
    printf '#!/bin/bash\nset -uf\nfolder=%q client=%q link=%q hostname=%q resolv=%q\n' "${@:1:5}"
    declare -p options
    declare -f put with_lines set_lines others put_lines_back drop_address start_client release_client new_lease old_lease usable \
      ipv4_of routes_told set_routes tell_names forget_names name_lines on_lease in_busybox
    # shellcheck disable=SC2016
    echo 'on_lease "${1:-${reason:-}}"'
  } >"$1/script" || return 1
  chmod 700 "$1/script"
  case $2 in
  dhclient)
    printf '%s;\n' 'option classless-routes code 121 = array of unsigned integer 8' \
      'request subnet-mask, routers, domain-name, domain-name-servers, domain-search, classless-routes' \
      'initial-interval 1' 'backoff-cutoff 2' 'retry 1' 'timeout 60' ${4:+"send host-name \"$4\""} ;;
  dhcpcd)
    printf '%s\n' nodev noarp noipv4ll release nodelay 'timeout 0' 'option domain_name_servers, domain_name, domain_search, classless_static_routes'
    mkdir -p "$1/run" "$1/lib"
    [ -d /run/dhcpcd ] || { : >"$1/made" && mkdir /run/dhcpcd; } ;;
  esac >"$1/conf"
}
# The client's script: it is started by `start`, and then starts it for each thing that happens.
start_client() {   # in a mount namespace of its own, where its files are in the places that it looks for them
  local asked=() program=(udhcpc)
  [ -x "${folder:?}/script" ] || { mount --bind "$folder" "$folder" && mount -o remount,bind,exec "$folder"; } || return 1
  case ${client:?} in
  dhclient)   # a security profile for its usual path would forbid it these files
    : >"$folder/dhclient" && mount --bind "$(command -v dhclient)" "$folder/dhclient" || return 1
    exec "$folder/dhclient" -4 -d -cf "$folder/conf" -lf "$folder/leases" -pf "$folder/pid" -sf "$folder/script" "${options[@]}" "${link:?}" ;;
  udhcpc)
    command -v udhcpc >/dev/null || program=(busybox udhcpc)
    [ -z "$hostname" ] || asked=(-x "hostname:$hostname")
    exec "${program[@]}" -f -R -i "$link" -s "$folder/script" -p "$folder/pid" -T 1 -A 1 -O search -O staticroutes "${asked[@]}" "${options[@]}" ;;
  dhcpcd)
    mount --bind "$folder/run" /run/dhcpcd && mount --bind "$folder/lib" /var/lib/dhcpcd || return 1
    [ -z "$hostname" ] || asked=(-h "$hostname")
    exec dhcpcd -4 -B -f "$folder/conf" -c "$folder/script" "${asked[@]}" "${options[@]}" "$link" ;;
  esac
}
release_client() { exec "$folder/dhclient" -4 -r -cf "$folder/conf" -lf "$folder/leases" -pf "$folder/pid" -sf "$folder/script" "$link"; }
on_lease() {   # on_lease EVENT: in the words of any of the three
  case $1 in
  start) start_client ;;
  release) release_client ;;
  BOUND | RENEW | REBIND | REBOOT | bound | renew) new_lease ;;
  EXPIRE | FAIL | RELEASE | STOP | deconfig | clear) old_lease "$1" ;;
  forget) forget_names ;;
  PREINIT) [ "$client" = dhcpcd ] || ip link set dev "$link" up ;;
  TIMEOUT) return 1 ;;   # no server answered, and an old lease is not trusted
  esac
}
new_lease() {   # what a server says is checked: it may be anyone's
  local address=${ip:-${new_ip_address:-}} mask=${subnet:-${new_subnet_mask:-255.255.255.255}} seconds=${lease:-${new_dhcp_lease_time:-}} before=''
  address=$(ipv4_of "$address") mask=$(ipv4_of "$mask")
  if ! { [[ $seconds =~ ^[0-9]+$ ]] && usable "$address" "$mask"; }; then echo "$address $mask" >"$folder/refused"; return 1; fi
  if [ "$client" != dhcpcd ]; then
    [ ! -e "$folder/bound" ] || before=$(cat "$folder/bound")
    [[ -z $before || $before == "$address"/* ]] || old_lease clear
    case $mask in 255.255.255.25[45]) ;; *) mask+=' brd +' ;; esac
    # shellcheck disable=SC2086  # words
    ip -4 addr replace "$address"/$mask dev "$link" valid_lft "$seconds" preferred_lft "$seconds" || return 1
    set_routes "$(routes_told)"
  fi
  [ -z "$resolv" ] || tell_names
  ip -4 -o addr show dev "$link" to "$address" | sed -n '1s/.* inet \([^ ]*\) .*/\1/p' >"$folder/new" && mv "$folder/new" "$folder/bound"
}
old_lease() {   # old_lease EVENT
  if [ "$client" != dhcpcd ] || [ "$1" = clear ]; then
    ip -4 route flush dev "$link" proto dhcp
    [ ! -e "$folder/bound" ] || ! ip -4 -o addr show dev "$link" | grep -qF " inet $(cat "$folder/bound") " ||
      drop_address "$(cat "$folder/bound")" "$link"
  fi
  forget_names
  rm -f "$folder/bound" "$folder/routes"
}
usable() {   # usable ADDRESS MASK: one that a host can have, in a subnet of /8 or narrower
  local a b c d rest
  IFS=. read -r a b c d <<<"$1"
  [[ $a$b$c$d =~ ^[0-9]{4,12}$ ]] && ((10#$a > 0 && 10#$a != 127 && 10#$a < 224 && 10#$b < 256 && 10#$c < 256 && 10#$d < 256)) || return 1
  IFS=. read -r a b c d <<<"$2"
  [[ $a$b$c$d =~ ^[0-9]{4,12}$ ]] || return 1
  rest=$((0xffffffff ^ (10#$a << 24 | 10#$b << 16 | 10#$c << 8 | 10#$d)))
  ((rest >= 0 && rest < 1 << 24 && (rest & rest + 1) == 0))
}
ipv4_of() { local each; for each in $1; do [[ ! $each =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || echo "$each"; done; }   # those of the words that are addresses
routes_told() {   # a line each: destination, gateway; where there are such, the one of the gateway does not count
  local -a all gateway each
  local at=0 length size
  read -ra all <<<"${staticroutes:-${new_classless_routes:-}}"
  if [ ${#all[@]} = 0 ]; then
    read -ra gateway <<<"${router:-${new_routers:-}}"
    ! usable "${gateway[0]:-}" 255.255.255.255 || all=(0.0.0.0/0 "${gateway[0]}")
  fi
  while [ $((at + 1)) -lt ${#all[@]} ]; do
    if [[ ${all[at]} == */* ]]; then each=("${all[@]:at:2}") at=$((at + 2))   # as udhcpc says it; dhclient gives the length and the bytes
    else
      length=${all[at]//[!0-9]/} size=$(((length + 7) / 8))
      each=("${all[@]:at + 1:size}" 0 0 0 0)
      each=("$(IFS=.; echo "${each[*]:0:4}")/$length" "$(IFS=.; echo "${all[*]:at + 1 + size:4}")")
      at=$((at + size + 5))
    fi
    [[ ! ${each[0]} =~ ^[0-9.]+/[0-9]+$ || ! ${each[1]} =~ ^([0-9]{1,3}\.){3}[0-9]{1,3}$ ]] || echo "${each[*]}"
  done
}
set_routes() {   # set_routes LINES: a default route that the guest has from elsewhere stays
  local to via how
  [ "$1" != "$(cat "$folder/routes" 2>/dev/null)" ] || return 0
  ip -4 route flush dev "$link" proto dhcp
  while read -r to via; do
    how=(via "$via")
    [ "$via" != 0.0.0.0 ] || how=(scope link)
    [ -z "$via" ] || ip -4 route add "$to" "${how[@]}" dev "$link" proto dhcp ||
      { [ "${how[0]}" = via ] && ip -4 route add "$via" dev "$link" scope link proto dhcp && ip -4 route add "$to" via "$via" dev "$link" proto dhcp; }
  done <<<"$1"
  printf '%s\n' "$1" >"$folder/routes"
}
name_lines() { grep -aE '^(nameserver|search|domain)[[:space:]]' "$1"; }
tell_names() {   # whom the guest asks for names, and in which domains: in its own file, never in the host's
  local servers='' domains each all=()
  [ -f "$resolv" ] || return 0
  for each in $(ipv4_of "${dns:-${new_domain_name_servers:-}}"); do ! usable "$each" 255.255.255.255 || servers+=" $each"; done
  [ -n "$servers" ] || return 0
  domains=${search:-${new_domain_search:-${domain:-${new_domain_name:-}}}}
  [ "$client" != udhcpc ] || [ "$domains" != bad ] || domains=''   # so it calls what is no name
  for each in $domains; do [[ ! $each =~ ^[A-Za-z0-9._-]+$ ]] || all+=("${each%.}"); done
  if [ ! -e "$folder/names" ]; then echo "$resolv" >"$folder/resolv" && base64 -w 0 "$resolv" >"$folder/was"; fi
  # shellcheck disable=SC2086  # words
  set_lines "$resolv" nameserver "$(printf 'nameserver %s\n' $servers)" && set_lines "$resolv" 'search|domain' ${all[@]+"search ${all[*]}"}
  name_lines "$resolv" >"$folder/names"
}
forget_names() {   # the lines as they were; where another client wrote since, that one gives these back
  local each
  [ -e "$folder/names" ] || return 0
  if [ -f "$resolv" ] && [ "$(name_lines "$resolv")" = "$(cat "$folder/names")" ]; then
    put_lines_back "$resolv" 'nameserver|search|domain' "$(cat "$folder/was")"
  else
    set +f
    for each in /run/bridgekit-dhcp.*; do
      if [ "$(cat "$each/resolv" 2>/dev/null)" = "$resolv" ] && [ "$(base64 -d "$each/was" | grep -aE '^(nameserver|search|domain)[[:space:]]')" = "$(cat "$folder/names")" ]; then
        cp "$folder/was" "$each/was"
      fi
    done
  fi
  rm "$folder/names"
}

main "${1:-up}" "${2:-}"; }
