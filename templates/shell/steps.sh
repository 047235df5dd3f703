# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do [ "$each" = steps ] || unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS is exported: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -Eeuo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
STATE=/run/bridgekit JOURNAL=/run/bridgekit/$NAME
MODE='' number=0 words='' so='' said='' why='' netns='' at=- parts=- key=- question='' command=''
touched='' listed='' finished='' bad='' again='' replace='' dry='' whole='' order=0 mark=1 sum=''
declare -A made=() mine=() roots=() inodes=()
exec 8>/dev/null   # hears what a question complains of

# Questions.  has TEXT COMMAND: it prints something with TEXT in it; is TEXT COMMAND: just TEXT; lacks COMMAND: nothing.
has()   { local out; out=$("${@:2}" 2>&8) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>&8) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
still() {   # still QUESTION: 0 yes, 1 no, 2 it could not be asked
  why=$(eval "$1" 8>&1 2>&1 >/dev/null) && return 0
  case $why in
  *'failed to execute'*) return 2 ;;
  '' | *'does not exist'* | *'Cannot find device'* | *[Nn]'o such '* | *'matching rule exist'* | *'No chain'*) return 1 ;;
  esac
  return 2
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
stop() { said=$stopped; fail "SIG$1"; }

# A step.  It is so already (`unless`), or its way back is noted (`undo`) and then it is done (`run`).
step() { report; number=$1 words=$2 netns=${3:-} said='' parts=- key=- question='' command=''; }
need() {   # need WORDS QUESTION: or nothing is touched
  "${@:2}" || unmet "$@"
  quote question "${@:2}"
  [ "$MODE" != up ] || note needs "$question"
}
attempt() {   # what a program says goes to a file: a subshell costs more.  A word of ours has one, for a trap meanwhile
  if declare -F "$1" >/dev/null; then said=$("$@" 2>&1 </dev/null); return $?; fi
  "$@" >/dev/fd/7 2>&1 </dev/null && return 0
  said=$(</dev/fd/7)
  return 1
}
unmet() {
  [ -n "$touched" ] || refuse "$1"
  said=$1
  quote command "${@:2}"
  fail "$command"
}
part_of() {   # part_of STEP...: it goes with what one of those made; where this run made that, there is nothing to ask
  local each
  for each in "$@"; do [ -z "${made[$each]:-}" ] || [ -n "$whole" ] || parts+=,$each; done
}
sets()   { key=$1; }   # sets WHAT: a value; undo brings back the one before
unless() {
  quote question "$@"
  if [ -n "$so" ] || [ "$parts" != - ]; then return 0; fi
  if [ "$1" = test ]; then ! "$@" || { so=same && shared; }; return 0; fi
  if ("$@") >/dev/null 2>&1; then so=same; shared; fi   # in a subshell, so that a trap meanwhile still speaks aloud
}
undo() {
  if [ -n "$so" ] || [ "$MODE" != up ]; then return 0; fi
  quote command "$@"
  place
  [ -n "${mine["$question"]:-}" ] || note undo "$number" "$parts" "$at" "$key" "$question" "$command"
}
run() {
  [ -z "$so" ] || return 0
  [ "$MODE" = up ] || { so=MISSING bad=1; return 0; }
  touched=1
  if attempt "$@"; then is_made; return 0; fi
  if [ "$parts" != - ] && still "$question"; then so=same; return 0; fi   # someone else did it meanwhile
  quote command "$@"
  fail "$command"
}

# The journal, /run/bridgekit/NAME: a file a run, only added to or replaced whole, under a lock.  A line's fields, by tabs:
#   started ORDER NETNS RECIPE STEPS SHA256 TIME COMMAND PLAN    needs QUESTION    uses PLACE QUESTION    finished TIME
#   undo STEP PARTS PLACE KEY QUESTION COMMAND    is STEP IDENTITY    words NAMES DEFINITIONS
note()    { local IFS=$'\t'; printf '%s\n' "$*" >>"$JOURNAL"; }
rewrite() { cat >"$STATE/.new" && mv "$STATE/.new" "$1"; }
shared()  { [ "$MODE" != up ] || [ -n "${mine["$question"]:-}" ] || { place; note uses "$at" "$question"; }; }
place() {   # the namespace that the step's name leads to
  at=-
  [ -n "$netns" ] || return 0
  inodes[$netns]=${inodes[$netns]:-$(stat -L -c %i "/run/netns/$netns")}
  at=$netns=${inodes[$netns]}
}
is_made() {   # what bears its name later may be something else
  [ "$parts" = - ] || return 0
  made[$number]=1
  case $command in
  'ip link del dev '*) roots[${command##* }]=$number ;;   # `finish` notes which they are, all at once
  'ip netns del '*)
    inodes=()
    at=$(stat -L -c %i:%Z "/run/netns/${command##* }")
    inodes[${command##* }]=${at%:*}
    note is "$number" "$at" ;;
  *' /var/run/netns/'*) inodes=() ;;
  esac
}
order_of() { IFS=$'\t' read -r _ order _ <"$1" && [[ $order =~ ^[0-9]+$ ]] || order=0; }   # order_of JOURNAL
lock() {
  until [ "$STATE" -ef /proc/self/fd/9 ]; do   # it may have gone and come again
    mkdir -m 700 "$STATE" 2>/dev/null || [ -d "$STATE" ] || refuse "$no_state $STATE"
    exec 9<"$STATE"
    flock -w 10 9 || refuse "$busy"
  done
  [ "$(stat -c '%u %a %F' "$STATE")" = '0 700 directory' ] || refuse "$not_ours $STATE"
  [ ! -e "$JOURNAL" ] || at_home
}
at_home() {   # the journal is this host's
  local net
  IFS=$'\t' read -r _ _ net _ <"$JOURNAL" || :
  [ "$net" = "$(stat -L -c %i /proc/self/ns/net)" ] || refuse "$elsewhere"
}

# From beginning to end.
begin() {
  local file last=0
  trap leave EXIT
  lock
  [ ! -e "$JOURNAL" ] || recall
  hear
  exec 7<>"$STATE/.said"   # what a step's command says
  rm "$STATE/.said"
  if [ -n "$again" ]; then mark=$(wc -l <"$JOURNAL"); return 0; fi
  for file in "$STATE"/*; do [ ! -e "$file" ] || order_of "$file"; last=$((order > last ? order : last)); done
  [ -n "$sum" ] || [ ! -f "$0" ] || sum=$(sha256sum <"$0")
  note started $((last + 1)) "$(stat -L -c %i /proc/self/ns/net)" \
    "$RECIPE" "$TOTAL" "${sum%% *}" "$(date -u +%FT%T.%3NZ)" "$MADE_BY" "$PLAN"
  # shellcheck disable=SC2086  # words
  [ -z "$KEPT" ] || note words "${KEPT// /,}" "$(declare -f $KEPT | base64 -w 0)"
  mark=$(wc -l <"$JOURNAL")
}
hear() {
  trap '[ "$BASH_SUBSHELL" -gt 0 ] || fail "$BASH_COMMAND"' ERR   # a subshell's failure is told by who started it
  trap 'stop INT' INT; trap 'stop TERM' TERM; trap 'stop HUP' HUP; trap 'stop PIPE' PIPE
}
recall() {   # there is a journal of this name
  local made_by plan
  if ! grep -q ^finished "$JOURNAL"; then say "$recovered"; take_back; lock; return 0; fi
  IFS=$'\t' read -r _ _ _ _ _ _ _ made_by plan <"$JOURNAL" || :
  if [ "$plan" != "$PLAN" ]; then
    [ -n "$replace" ] || refuse "$other_plan: $made_by"
    take_back
    lock
    return 0
  fi
  again=1
  remember
}
remember() {   # what this run has made before
  local kind step asked
  while IFS=$'\t' read -r kind step _ _ _ asked _; do
    [ "$kind" != undo ] || mine["$asked"]=1 mine["$step"]=1
  done <"$JOURNAL"
}
finish() {
  local index name
  report
  if [ -z "$again" ]; then
    [ ${#roots[@]} = 0 ] || while IFS=' :@' read -r index name _; do
      [ -z "${roots[$name]:-}" ] || note is "${roots[$name]}" "$index"
    done < <(ip -o link show)
    note finished "$(date -u +%FT%T.%3NZ)"
  fi
  finished=1
}
leave() {   # however this ends, nothing half-done stays
  local code=$?
  trap - EXIT ERR
  trap '' INT TERM HUP PIPE
  set +e
  if [ -z "$finished" ]; then
    whole=''
    [ -n "$again" ] || mark=1
    [ ! -e "$JOURNAL" ] || take_back "$mark"
    [ "$code" != 0 ] || code=3
    if [ -n "$bad" ]; then say "$left" >&2; code=1; elif [ -n "$touched" ]; then say "$rolled_back" >&2; code=1; fi
  fi
  rmdir "$STATE" 2>&8
  exit "$code"
}
ready() {
  local each
  [ "$(id -u)" = 0 ] || refuse "$not_root"
  for each in $NEEDS; do command -v "${each%=*}" >/dev/null || refuse "$missing ${each%=*}: apt-get install ${each#*=}"; done
}
main() {
  [ $# = 2 ] || refuse "$cut_off"
  trap - EXIT
  MODE=$1
  case "$*" in 'down -n') dry=1 ;; 'up --replace') replace=1 ;; 'up ' | 'check ' | 'down ') ;; *) say "$modes" >&2; exit 2 ;; esac
  [ "$MODE" != down ] || NEEDS=''
  ready
  case $MODE in
  up) begin; steps; finish ;;
  check)
    [ ! -e "$JOURNAL" ] || { at_home; remember; }
    steps
    report ;;
  down)
    [ -e "$JOURNAL" ] || { say "$nothing"; return 0; }
    lock
    take_back ;;
  esac
  return "${bad:-0}"
}
