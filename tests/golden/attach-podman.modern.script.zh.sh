#!/usr/bin/env bash
# 把 podman:web 接到网桥 br666 上，地址为 10.0.0.3/24。
# 生成自: bridgekit attach podman:web 10.0.0.3/24 --lang zh
# 参数：up（默认）、down（撤销 up 所做的一切）、check（只检查，不改动）。
# 需要: bash podman mount ip
# 可通过环境变量修改：
GUEST=${GUEST:-web}

# 调用者的 shell 里的东西在这里都不算数：函数不算，选项也不算。
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: 环境里导出了 SHELLOPTS 或 BASHOPTS；请这样运行：env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=attach-podman-web-eth0 TOTAL=14 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# 提问。has TEXT COMMAND：命令的输出里有 TEXT。is TEXT COMMAND：命令的输出恰好是 TEXT。
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
foreign() { ! grep -qE $'\t'"ip link del dev ${1//./\\.}\$" "$UNDO" 2>/dev/null || "${@:2}"; }   # 不是本次运行建的，或者已经如此
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
bridge_or_free() { has '' ip link show dev "$1" type bridge || lacks ip link show dev "$1"; }
port_or_free() { ! has ' master ' ip link show dev "$1" || has '' ip link show dev "$1" master "${2:-}"; }
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here there ends='^([0-9]+): [^ @]+@if([0-9]+): '
  here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { lacks ip link show dev "$1" && lacks ip link show dev "$2"; return $?; }
  [[ $here =~ $ends ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
}
fetch() { lacks ip -n "$2" link show dev "$1" || ip -n "$2" link set "$1" netns "$$"; }

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
  [ "$1" != foreign ] || guard=("${@:3}")
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
  [ -e "$LOG" ] || log started attach "$TOTAL" "$(checksum)" 'bridgekit attach podman:web 10.0.0.3/24 --lang zh'
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
  command -v podman >/dev/null || refuse '缺少程序: podman: apt-get install podman'
  command -v mount >/dev/null || refuse '缺少程序: mount: apt-get install mount'
  command -v ip >/dev/null || refuse '缺少程序: ip: apt-get install iproute2'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say '没有可撤销的'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

step 1 "查出 $GUEST 的进程号。"
  pid=$(podman inspect -f '{{.State.Pid}}' "$GUEST")
need "目标没有在运行：进程 $pid 不存在" test -e "/proc/$pid/ns/net"
need '目标与宿主机共用网络；它必须有自己的网络命名空间' own_netns "/proc/$pid/ns/net"
need 'br666 已存在，但不是网桥' bridge_or_free br666
need 'veth_c5b216c、veth_c5b216c_p 或目标里的 eth0 已被占用；请撤销当初建它的操作，或用 --veth、--peer、--interface 另选' pair_or_free veth_c5b216c veth_c5b216c_p "/proc/$pid/ns/net" eth0
need '名字 web 指向另一个命名空间；请撤销当初建它的操作，或用 --netns 另选一个名字' name_or_free /var/run/netns/web "/proc/$pid/ns/net"
need 'veth_c5b216c 已经是别处的端口；请先把它从那里取下来' port_or_free veth_c5b216c br666

step 2 '新建命名空间 web。'
  unless test -e /var/run/netns/web
  undo   ip netns del web
  run    ip netns add web

step 3 '让名字 web 指向容器的命名空间。'
  unless is "$(stat -L -c %i "/proc/$pid/ns/net")" stat -L -c %i /var/run/netns/web
  undo   umount /var/run/netns/web
  run    mount --bind "/proc/$pid/ns/net" /var/run/netns/web

step 4 '建一对 veth：veth_c5b216c 和 veth_c5b216c_p。'
  unless has '' ip link show dev veth_c5b216c type veth
  undo   ip link del dev veth_c5b216c
  run    ip link add name veth_c5b216c type veth peer name veth_c5b216c_p

step 5 '把 veth_c5b216c_p 移进 web。'
  unless lacks ip link show dev veth_c5b216c_p
  undo   fetch veth_c5b216c_p web
  run    ip link set veth_c5b216c_p netns web

step 6 '[web] 把 veth_c5b216c_p 改名为 eth0。' web
  unless has '' ip -n web link show dev eth0
  undo   ip -n web link set eth0 name veth_c5b216c_p
  run    ip -n web link set veth_c5b216c_p name eth0

step 7 '[web] 启用 lo。' web
  unless has '' ip -n web link show dev lo up
  undo   ip -n web link set lo down
  run    ip -n web link set lo up

step 8 '[web] 给 eth0 配上地址 10.0.0.3/24。' web
  unless has 'inet 10.0.0.3/24 ' ip -n web addr show dev eth0
  undo   ip -n web addr del 10.0.0.3/24 dev eth0
  run    ip -n web addr add 10.0.0.3/24 brd + dev eth0

step 9 '[web] 启用 eth0。' web
  unless has '' ip -n web link show dev eth0 up
  undo   ip -n web link set eth0 down
  run    ip -n web link set eth0 up

step 10 '建网桥 br666。'
  unless has '' ip link show dev br666 type bridge
  undo   ip link del dev br666
  run    ip link add name br666 type bridge

step 11 '给 br666 一个自己的 MAC 地址。'
  unless foreign br666 has ' 02:42:' ip link show dev br666
  undo   ip link set br666 address "$(ip -o link show dev br666 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"

step 12 '让 veth_c5b216c 成为网桥 br666 的端口。'
  unless has '' ip link show dev veth_c5b216c master br666
  undo   ip link set veth_c5b216c nomaster
  run    ip link set veth_c5b216c master br666

step 13 '启用 br666。'
  unless has '' ip link show dev br666 up
  undo   ip link set br666 down
  run    ip link set br666 up

step 14 '启用 veth_c5b216c。'
  unless has '' ip link show dev veth_c5b216c up
  undo   ip link set veth_c5b216c down
  run    ip link set veth_c5b216c up

finish
