#!/usr/bin/env bash
# Install what recipes need, on debian.
# Made by: bridgekit install --distro debian
# Arguments: up (the default), down (takes back what up made), check (changes nothing).
# Needs: bash apt-get

# Nothing of your shell is code here: none of its functions, and no options of its own.
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: SHELLOPTS or BASHOPTS is exported; run it with: env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=install-debian TOTAL=14 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# Questions.  `has TEXT COMMAND`: it prints something with TEXT in it.  `is TEXT COMMAND`: it prints just TEXT.
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
distro_of() {   # distro_of NAME...: the first of these that os-release names, as the host's own or as what it is like
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

# Talking.
say()    { printf '%s\n' "$*" 2>/dev/null || :; }
report() { [ -z "$words" ] || say "${so:-ok} $number/$TOTAL $words"; words='' so=''; }
step()   { report; number=$1 words=$2 netns=${3:-} said='' guard=(); }
quote()  { local out; printf -v out '%q ' "$@"; printf '%s' "${out% }"; }
refuse() { say "bridgekit: $1" >&2; exit 3; }
fail()   {   # fail COMMAND: leaving takes back what this run made
  [ "$MODE" = up ] || { so=WRONG bad=1; return 0; }
  trap '' PIPE   # nobody may be left who listens
  { say "FAILED $number/$TOTAL $words"; say "  $1"; [ -z "$said" ] || say "  ${said//$'\n'/$'\n'  }"; hint; } >&2
  words=''; exit 1
}
hint() {
  case $said in
  *'Unknown device type'*) say '  hint: this kernel has no such kind of interface' ;;
  *'File exists'*) say '  hint: it, or something of its name, is there already; look with: bridgekit show' ;;
  *'Operation not permitted'*) say '  hint: root of this namespace is needed' ;;
  *'not a TTY'*) say '  hint: start the container in a terminal of its own, then, with the script in a file (--output FILE): GUEST=ID bash FILE' ;;
  esac
}

# A step: `unless` it is so already, write down its `undo`, `run` it.  A probe: `expect` or `refute`.
need()   { "${@:2}" || { [ -z "$touched" ] || { said=$1; fail "$(quote "${@:2}")"; }; refuse "$1"; }; }
unless() {
  guard=("$@")
  [ "$1" != all_of ] || guard=(any_of "${@:2}")   # undo is for whatever there is of them
  if ("$@") >/dev/null 2>&1; then so=same; shared; fi   # a subshell, so that a trap meanwhile still speaks aloud
}
asked()  {   # the question of this step, to the very namespace that bears the name now
  local path=/var/run/netns/$netns
  [ -z "$netns" ] || printf 'is %s stat -L -c %%i %s && ' "$(stat -L -c %i "$path")" "$path"
  quote "${guard[@]}"
}
undo()   { [ -n "$so" ] || [ "$MODE" != up ] || add "$UNDO" "$(asked)"$'\t'"$(quote "$@")"; }
run()    {
  [ -z "$so" ] || return 0
  [ "$MODE" = up ] || { so=MISSING bad=1; return 0; }
  touched=1
  said=$("$@" 2>&1 </dev/null) || fail "$(quote "$@")"
}
expect() { if ! said=$("${@:2}" 2>&1 </dev/null) || [[ $said != *"$1"* ]]; then fail "$(quote "${@:2}")  # must work${1:+, and print $1}"; fi; }
refute() { ! said=$("$@" 2>&1 </dev/null) || fail "$(quote "$@")  # must fail"; }

# The journal: each undo is written down before its step runs.
add()    { grep -qxF -e "$2" "$1" 2>/dev/null || printf '%s\n' "$2" >>"$1"; }
ours()   { [ -e "$UNDO" ] && cut -f1 "$UNDO" | grep -xF -e "$1" >/dev/null; }
shared() { [ "$MODE" != up ] || ours "$(asked)" || add "$USES" "$(asked)"; }
count()  { if [ -e "$UNDO" ]; then wc -l <"$UNDO"; else echo 0; fi; }
log()    { printf '%s\t' "$@" >>"$LOG"; date -u +%FT%T.%3NZ >>"$LOG"; }
lock()   {   # one run at a time; a command still in flight keeps the lock
  while :; do
    install -d -m 700 "$STATE" || refuse "cannot use $STATE"
    exec 9<"$STATE"
    flock -w 10 9 || refuse 'another run is under way'
    [ "$STATE" -ef /proc/self/fd/9 ] && return 0
  done
}
take_back() {   # take_back N: undo all but the first N lines, newest first
  local lines=() kept=() i asked command heir
  [ ! -e "$UNDO" ] || mapfile -t lines <"$UNDO"
  for ((i = ${#lines[@]} - 1; i >= $1; i--)); do
    asked=${lines[i]%%$'\t'*} command=${lines[i]#*$'\t'}
    if heir=$(heir_of "$asked"); then
      inherit "$heir" "${lines[i]}"
      keep "${lines[@]:0:i}" "${kept[@]}"
      disclaim "$heir" "$asked"
    elif eval "$asked" >/dev/null 2>&1 && ! said=$(eval "$command" 2>&1 </dev/null) && eval "$asked" >/dev/null 2>&1; then
      say "could not take back: $command" >&2; say "  $said" >&2
      kept=("${lines[i]}" "${kept[@]}") bad=1
    fi
  done
  if [ -z "$again" ] && [ "$1" = 0 ] && [ ${#kept[@]} = 0 ]; then forget; return 0; fi
  keep "${lines[@]:0:$1}" "${kept[@]}"
}
keep() { if [ $# = 0 ]; then rm -f "$UNDO"; else printf '%s\n' "$@" >"$NEW"; mv "$NEW" "$UNDO"; fi; }
heir_of() {   # another run in force that needs the same thing
  local uses
  for uses in "$STATE"/*.uses; do
    [ "$uses" = "$USES" ] || ! grep -qxF -e "$1" "$uses" 2>/dev/null || { echo "${uses%.uses}"; return 0; }
  done
  return 1
}
inherit() {
  say "kept, because it is needed by ${1##*/}: ${2#*$'\t'}"
  { printf '%s\n' "$2"; cat "$1.undo" 2>/dev/null || :; } >"$1.new"
  mv "$1.new" "$1.undo"
}
disclaim() { { grep -vxF -e "$2" "$1.uses" || :; } >"$1.new"; mv "$1.new" "$1.uses"; }
forget() { rm -f "$UNDO" "$USES" "$LOG" "$NEW"; rmdir "$STATE" 2>/dev/null || :; }
leave()  {   # however it ends, nothing half-done stays
  local code=$?
  trap - EXIT ERR; trap '' INT TERM HUP PIPE; set +e
  if [ "$MODE" = up ] && [ -z "$finished" ]; then
    [ "$code" = 0 ] || code=3
    take_back "$mark"
    if [ -n "$bad" ]; then say 'not everything could be taken back; try again: bash FILE down' >&2; code=1
    elif [ -n "$touched" ]; then say 'rolled back' >&2; code=1; fi
  fi
  exit "$code"
}
stop()   { said='stopped by a signal'; fail "SIG$1"; }
up()     {
  lock
  trap leave EXIT
  trap 'fail "$BASH_COMMAND"' ERR
  trap 'stop INT' INT; trap 'stop TERM' TERM; trap 'stop HUP' HUP; trap 'stop PIPE' PIPE
  if grep -q ^finished "$LOG" 2>/dev/null; then again=1
  elif [ -e "$LOG" ]; then say 'an unfinished run is taken back first'; take_back 0; lock; fi
  mark=$(count)
  [ -e "$LOG" ] || log started install "$TOTAL" "$(checksum)" 'bridgekit install --distro debian'
}
checksum() {
  if [[ ${BRIDGEKIT_SHA256:-} =~ ^[0-9a-f]{64}$ ]]; then echo "$BRIDGEKIT_SHA256"
  elif [ -f "${BASH_SOURCE[0]:-}" ]; then sha256sum <"${BASH_SOURCE[0]}" | cut -d' ' -f1
  else echo -; fi
}
finish() {
  report
  [ "$MODE" = up ] || exit "${bad:-0}"
  finished=1
  grep -q ^finished "$LOG" || log finished
}

[ "$(id -u)" = 0 ] || refuse 'root is needed.  Run it with sudo, or with --sandbox in a throw-away host'
case $MODE in
up)
  command -v apt-get >/dev/null || refuse 'a program is missing: apt-get: apt-get install apt'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say 'nothing to take back'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need 'this host is not debian; say --distro with its own name' is debian distro_of debian ubuntu alpine fedora arch

step 1 'The kernel tells its release.'
  expect '' uname -r

step 2 'The distribution tells its name and release.'
  expect '' cat /etc/os-release

step 3 'Fetch the lists of packages anew (apt).'
  unless all_of apt iproute2 bridge-utils iptables
  run    apt-get update

step 4 'Install iproute2 bridge-utils iptables (apt).'
  unless all_of apt iproute2 bridge-utils iptables
  undo   drop apt "$(missing apt iproute2 bridge-utils iptables)"
  run    apt-get install -y iproute2 bridge-utils iptables

step 5 'Install ca-certificates curl: what fetching by HTTPS takes.'
  unless all_of apt ca-certificates curl
  undo   drop apt "$(missing apt ca-certificates curl)"
  run    apt-get install -y ca-certificates curl

step 6 'Make the directory /etc/apt/keyrings.'
  unless test -d /etc/apt/keyrings
  undo   rmdir --ignore-fail-on-non-empty /etc/apt/keyrings
  run    mkdir /etc/apt/keyrings

step 7 "Trust the key of Docker's repository."
  unless trusted /etc/apt/keyrings/docker.asc
  undo   distrust /etc/apt/keyrings/docker.asc
  run    curl -fsSL https://download.docker.com/linux/debian/gpg -o /etc/apt/keyrings/docker.asc

step 8 "Add Docker's repository to apt's sources."
  unless has '' sources_of https://download.docker.com/linux/debian
  undo   forget_source /etc/apt/sources.list.d/bridgekit-docker.list https://download.docker.com/linux/debian
  run    sh -c 'echo deb "[arch=$(dpkg --print-architecture) signed-by=/etc/apt/keyrings/docker.asc]" https://download.docker.com/linux/debian "$(sort /etc/os-release | sed -n '"'"'/_CODENAME=/{s/.*=//p;q}'"'"')" stable > /etc/apt/sources.list.d/bridgekit-docker.list'

step 9 'Fetch the lists of packages anew (apt).'
  unless all_of apt docker-ce docker-ce-cli containerd.io
  run    apt-get update

step 10 'Install docker-ce docker-ce-cli containerd.io (apt).'
  unless all_of apt docker-ce docker-ce-cli containerd.io
  undo   drop apt "$(missing apt docker-ce docker-ce-cli containerd.io)"
  run    apt-get install -y docker-ce docker-ce-cli containerd.io

step 11 'Start service docker.'
  unless service docker status
  undo   service docker stop
  run    service docker start

step 12 'A container says hello.'
  expect 'Hello from Docker' docker run --rm hello-world

step 13 'Client and engine tell their versions.'
  expect Server docker version

step 14 'List the images.'
  expect '' docker images

finish
