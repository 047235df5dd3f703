#!/usr/bin/env bash
# 在 alpine 上安装配方所需的程序。
# 生成自: bridgekit install --distro alpine --no-docker --lang zh
# 参数：up（默认）、down（撤销 up 所做的一切）、check（只检查，不改动）。
# 需要: bash apk

# 调用者的 shell 里的东西在这里都不算数：函数不算，选项也不算。
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: 环境里导出了 SHELLOPTS 或 BASHOPTS；请这样运行：env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=install-alpine TOTAL=4 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# 提问。has TEXT COMMAND：命令的输出里有 TEXT。is TEXT COMMAND：命令的输出恰好是 TEXT。
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
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

# 输出。
say()    { printf '%s\n' "$*" 2>/dev/null || :; }
report() { [ -z "$words" ] || say "${so:-ok} $number/$TOTAL $words"; words='' so=''; }
step()   { report; number=$1 words=$2 netns=${3:-} said='' guard=(); }
quote()  { local out; printf -v out '%q ' "$@"; printf '%s' "${out% }"; }
refuse() { say "bridgekit: $1" >&2; exit 3; }
fail()   {   # fail COMMAND: 这一步没做成；退出时撤销本次所做的一切
  [ "$MODE" = up ] || { so=WRONG bad=1; return 0; }
  trap '' PIPE   # 也许已经没有人在听了
  { say "FAILED $number/$TOTAL $words"; say "  $1"; [ -z "$said" ] || say "  ${said//$'\n'/$'\n'  }"; hint; } >&2
  words=''; exit 1
}
hint() {
  case $said in
  *'Unknown device type'*) say '  提示: 当前内核不支持这种网卡' ;;
  *'File exists'*) say '  提示: 它（或同名的东西）已经存在；查看：bridgekit show' ;;
  *'Operation not permitted'*) say '  提示: 需要这个命名空间的 root 权限' ;;
  *'not a TTY'*) say '  提示: 请另开一个终端启动容器，再把脚本写入文件（--output FILE），然后 GUEST=ID bash FILE' ;;
  esac
}

# 步骤：unless 看是否已经如此，undo 记下怎么撤销，run 执行。探测：expect 要它成功，refute 要它失败。
need()   { "${@:2}" || { [ -z "$touched" ] || { said=$1; fail "$(quote "${@:2}")"; }; refuse "$1"; }; }
unless() {
  guard=("$@")
  [ "$1" != all_of ] || guard=(any_of "${@:2}")   # 有多少撤销多少
  if ("$@") >/dev/null 2>&1; then so=same; shared; fi   # 放在子 shell 里，这样期间触发的 trap 仍能照常输出
}
asked()  {   # 这一步所问的，并且必须还是现在叫这个名字的那个命名空间
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
expect() { if ! said=$("${@:2}" 2>&1 </dev/null) || [[ $said != *"$1"* ]]; then fail "$(quote "${@:2}")  # 必须成功${1:+，并输出 $1}"; fi; }
refute() { ! said=$("$@" 2>&1 </dev/null) || fail "$(quote "$@")  # 必须失败"; }

# 日志：先把撤销命令写进文件，再执行那一步。
add()    { grep -qxF -e "$2" "$1" 2>/dev/null || printf '%s\n' "$2" >>"$1"; }
ours()   { [ -e "$UNDO" ] && cut -f1 "$UNDO" | grep -xF -e "$1" >/dev/null; }
shared() { [ "$MODE" != up ] || ours "$(asked)" || add "$USES" "$(asked)"; }
count()  { if [ -e "$UNDO" ]; then wc -l <"$UNDO"; else echo 0; fi; }
log()    { printf '%s\t' "$@" >>"$LOG"; date -u +%FT%T.%3NZ >>"$LOG"; }
lock()   {   # 同一时刻只有一个运行；命令没结束，锁就不放
  while :; do
    install -d -m 700 "$STATE" || refuse "无法使用 $STATE"
    exec 9<"$STATE"
    flock -w 10 9 || refuse '另一个运行还没结束'
    [ "$STATE" -ef /proc/self/fd/9 ] && return 0
  done
}
take_back() {   # take_back N: 保留前 N 行，其余从新到旧逐条撤销
  local lines=() kept=() i asked command heir
  [ ! -e "$UNDO" ] || mapfile -t lines <"$UNDO"
  for ((i = ${#lines[@]} - 1; i >= $1; i--)); do
    asked=${lines[i]%%$'\t'*} command=${lines[i]#*$'\t'}
    if heir=$(heir_of "$asked"); then
      inherit "$heir" "${lines[i]}"
      keep "${lines[@]:0:i}" "${kept[@]}"
      disclaim "$heir" "$asked"
    elif eval "$asked" >/dev/null 2>&1 && ! said=$(eval "$command" 2>&1 </dev/null) && eval "$asked" >/dev/null 2>&1; then
      say "没能撤销: $command" >&2; say "  $said" >&2
      kept=("${lines[i]}" "${kept[@]}") bad=1
    fi
  done
  if [ -z "$again" ] && [ "$1" = 0 ] && [ ${#kept[@]} = 0 ]; then forget; return 0; fi
  keep "${lines[@]:0:$1}" "${kept[@]}"
}
keep() { if [ $# = 0 ]; then rm -f "$UNDO"; else printf '%s\n' "$@" >"$NEW"; mv "$NEW" "$UNDO"; fi; }
heir_of() {   # 另一个仍然生效、也需要它的运行
  local uses
  for uses in "$STATE"/*.uses; do
    [ "$uses" = "$USES" ] || ! grep -qxF -e "$1" "$uses" 2>/dev/null || { echo "${uses%.uses}"; return 0; }
  done
  return 1
}
inherit() {
  say "暂不撤销，因为这个运行还要用它： ${1##*/}: ${2#*$'\t'}"
  { printf '%s\n' "$2"; cat "$1.undo" 2>/dev/null || :; } >"$1.new"
  mv "$1.new" "$1.undo"
}
disclaim() { { grep -vxF -e "$2" "$1.uses" || :; } >"$1.new"; mv "$1.new" "$1.uses"; }
forget() { rm -f "$UNDO" "$USES" "$LOG" "$NEW"; rmdir "$STATE" 2>/dev/null || :; }
leave()  {   # 无论怎样结束，都不留下半成品
  local code=$?
  trap - EXIT ERR; trap '' INT TERM HUP PIPE; set +e
  if [ "$MODE" = up ] && [ -z "$finished" ]; then
    [ "$code" = 0 ] || code=3
    take_back "$mark"
    if [ -n "$bad" ]; then say '没能全部撤销；请再试一次：bash FILE down' >&2; code=1
    elif [ -n "$touched" ]; then say '已回滚' >&2; code=1; fi
  fi
  exit "$code"
}
stop()   { said='被信号中止'; fail "SIG$1"; }
up()     {
  lock
  trap leave EXIT
  trap 'fail "$BASH_COMMAND"' ERR
  trap 'stop INT' INT; trap 'stop TERM' TERM; trap 'stop HUP' HUP; trap 'stop PIPE' PIPE
  if grep -q ^finished "$LOG" 2>/dev/null; then again=1
  elif [ -e "$LOG" ]; then say '先撤销上次没做完的运行'; take_back 0; lock; fi
  mark=$(count)
  [ -e "$LOG" ] || log started install "$TOTAL" "$(checksum)" 'bridgekit install --distro alpine --no-docker --lang zh'
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

[ "$(id -u)" = 0 ] || refuse '需要 root 权限。请用 sudo 运行，或加 --sandbox，在用完即弃的主机里运行'
case $MODE in
up)
  command -v apk >/dev/null || refuse '缺少程序: apk: apt-get install apk-tools'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say '没有可撤销的'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need '本机不是 alpine；请用 --distro 写出它自己的名字' is alpine distro_of debian ubuntu alpine fedora arch

step 1 '内核报出自己的版本。'
  expect '' uname -r

step 2 '发行版报出自己的名字和版本。'
  expect '' cat /etc/os-release

step 3 '重新获取软件包列表（apk）。'
  unless all_of apk iproute2 bridge-utils iptables
  run    apk update

step 4 '安装 iproute2 bridge-utils iptables（apk）。'
  unless all_of apk iproute2 bridge-utils iptables
  undo   drop apk "$(missing apk iproute2 bridge-utils iptables)"
  run    apk add iproute2 bridge-utils iptables

finish
