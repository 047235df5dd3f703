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
