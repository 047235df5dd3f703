#!/usr/bin/env bash
# 在 alpine 上安装配方所需的程序。
# 生成自: bridgekit install --distro alpine --no-docker --lang zh
# bash FILE [up | check | down [-n]]   up 执行（默认），check 只检查是否如此，down 撤销，down -n 只打印
# 步骤：unless 看是否已经如此；若不是，先把 undo 记进 /run/bridgekit，再 run 执行。任何一步失败，全部撤销。
[ -n "${BASH_VERSION:-}" ] || { echo 'bridgekit: 这个脚本要用 bash 运行：bash FILE' >&2; exit 2; }
trap 'echo "bridgekit: 脚本不完整，缺了结尾；什么也没做" >&2; exit 2' EXIT
NAME=install-alpine TOTAL=4 steps='' NEEDS='apk=apk-tools'
<<'STEPS' read -rN 99999999 steps || :   # 到 STEPS 为止就是这个网络；bash 读完本文件最后一行之前，什么也不做
  need '本机不是 alpine；请用 --distro 写出它自己的名字' is alpine distro_of debian ubuntu alpine fedora arch

step 1 '内核报出自己的版本。'
  expect '' uname -r

step 2 '发行版报出自己的名字和版本。'
  expect '' cat /etc/os-release

step 3 '重新获取软件包列表（apk）。'
  unless all_of apk iproute2 bridge-utils iptables
  undo_while any_of apk iproute2 bridge-utils iptables
  run    apk update

step 4 '安装 iproute2 bridge-utils iptables（apk）。'
  unless all_of apk iproute2 bridge-utils iptables
  undo_while any_of apk iproute2 bridge-utils iptables
  undo   drop apk "$(missing apk iproute2 bridge-utils iptables)"
  run    apk add iproute2 bridge-utils iptables

STEPS

{ # ---- 一步怎样执行、怎样撤销：以下内容在每个脚本里完全相同，bridgekit 0.1.0; SHA-256 f68733a3874af01c1b94aa56f4e1514a9330e078dd083dc001e1747ebbef7ac3
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

# ---- 本脚本自己的部分：写进日志的内容、输出的语句、用到的函数
RECIPE=install KEPT='all_of any_of drop has_package missing undo_while'
MADE_BY='bridgekit install --distro alpine --no-docker --lang zh'
PLAN='bridgekit install --distro alpine --no-docker'
# shellcheck disable=SC2034  # a phrase may be for others' steps
{
must_work='必须成功'
must_print='，并输出'
must_fail='必须失败'
no_state='无法使用'
not_ours='这不是只属于 root 的目录：'
busy='另一个运行还没结束'
elsewhere='这份日志属于另一台主机（另一个网络命名空间）：请到那里撤销'
other_plan='同名的运行正在生效，但参数不同；请先撤销它，或用 up --replace 替换。它由此生成'
recovered='先撤销上次没做完的运行'
nothing='没有可撤销的'
undone='已撤销'
not_a_line='脚本的变量里有换行或其他控制字符'
stand_on='还有别的运行建立在它之上；请先撤销：'
not_undone='没能撤销'
other_tables='iptables 现在把规则放在别处；这条在'
handed_to='另一个运行还要用，以后由它撤销：'
rolled_back='已回滚'
left='没能全部撤销；请再试一次：bash FILE down'
stopped='被信号中止'
not_root='需要 root 权限。请用 sudo 运行，或加 --sandbox，在用完即弃的主机里运行'
missing='缺少程序:'
no_room='没有空间了：'
modes='可用的参数：up [--replace] | check | down [-n]'
no_lease='没有 DHCP 服务器应答'
bad_lease='DHCP 服务器给出的地址或掩码不能用'
ended_early='没有取得租约就退出了'
}
hint() {
  case $said in
  *'Unknown device type'*) say '  提示: 当前内核不支持这种网卡' ;;
  *'File exists'*) say '  提示: 它（或同名的东西）已经存在；查看：bridgekit show' ;;
  *'Operation not permitted'*) say '  提示: 需要这个命名空间的 root 权限' ;;
  *'not a TTY'*) say '  提示: 请另开一个终端启动容器，再把脚本写入文件（--output FILE），然后 GUEST=ID bash FILE' ;;
  esac
}

undo_while() { before=$question; quote question "$@"; }   # undo is for whatever there is of it
expect() {   # expect TEXT COMMAND: it works, and prints TEXT
  if said=$("${@:2}" 2>&1 </dev/null) && [[ $said == *"$1"* ]]; then so=${so:-${again:+same}}; return 0; fi
  quote command "${@:2}"
  fail "$command  # $must_work${1:+$must_print $1}"
}
distro_of() {   # distro_of NAME...: os-release 写明的（本机自己的，或与本机相近的）里，列表中有的第一个
  local each
  # shellcheck source=/dev/null
  . /etc/os-release
  for each in $ID ${ID_LIKE:-}; do case " $* " in *" $each "*) echo "$each"; return 0 ;; esac; done
}
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
any_of()  {   # any_of MANAGER PACKAGE...: 至少有一个在，哪怕只装了一部分
  local each
  for each in "${@:2}"; do
    case $1 in
    apt) ! dpkg-query -W -f '${db:Status-Status}' "$each" 2>/dev/null | grep -vxE 'not-installed|config-files' >/dev/null ;;
    *) ! has_package "$1" "$each" ;;
    esac || return 0
  done
  return 1
}
drop() {   # drop MANAGER 'PACKAGES': 若有别的东西需要其中之一，则拒绝
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

main "${1:-up}" "${2:-}"; }
