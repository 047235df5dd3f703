#!/usr/bin/env bash
# 亲手搭一遍 Docker 的网络：把容器接上网桥，再让它联外网。
# 生成自: bridgekit learn docker-by-hand --dialect document --lang zh
# 参数：up（默认）、down（撤销 up 所做的一切）、check（只检查，不改动）。
# 需要: bash brctl docker mount ip iptables ifconfig route ping sysctl
# 可通过环境变量修改：
GUEST=${GUEST:-6414d7278905}
IMAGE=${IMAGE:-ubuntu:14.04}
UPLINK=${UPLINK:-em1}
OUTSIDE=${OUTSIDE:-203.0.113.2}

# 调用者的 shell 里的东西在这里都不算数：函数不算，选项也不算。
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: 环境里导出了 SHELLOPTS 或 BASHOPTS；请这样运行：env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=docker-by-hand TOTAL=34 MODE=${1:-up}
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
name_or_free() { [ "$1" -ef "$2" ] || { [ ! -e "$1" ] && [ ! -L "$1" ]; }; }
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here there ends='^([0-9]+): [^ @]+@if([0-9]+): '
  here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { lacks ip link show dev "$1" && lacks ip link show dev "$2"; return $?; }
  [[ $here =~ $ends ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
}
iptables()  { command iptables -w "$@"; }    # xtables 锁被占用就等，绝不争抢
ip6tables() { command ip6tables -w "$@"; }
forwarding() {   # forwarding VERSION: 宿主机的转发设置，以及内核随之一起改动的设置
  local file
  for file in "/proc/sys/net/ipv$1"/{ip_forward,conf/all/forwarding,conf/all/accept_redirects,conf/*/forwarding}; do
    [ ! -e "$file" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$(<"$file")"
  done
}
export -f forwarding
restore() { sysctl -qep - <<<"$1"; }
export -f restore
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
only_if() { [ -n "$so" ] || [ "$MODE" != up ] || need "$@"; }
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
moment() { if [ -n "$again" ] || [ "$MODE" != up ]; then so=past; else "$@"; fi; }   # 只在搭建网络的过程中成立
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
  [ -e "$LOG" ] || log started 'learn docker-by-hand' "$TOTAL" "$(checksum)" 'bridgekit learn docker-by-hand --dialect document --lang zh'
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
  command -v brctl >/dev/null || refuse '缺少程序: brctl: apt-get install bridge-utils'
  command -v docker >/dev/null || refuse '缺少程序: docker: apt-get install docker.io'
  command -v mount >/dev/null || refuse '缺少程序: mount: apt-get install mount'
  command -v ip >/dev/null || refuse '缺少程序: ip: apt-get install iproute2'
  command -v iptables >/dev/null || refuse '缺少程序: iptables: apt-get install iptables'
  command -v ifconfig >/dev/null || refuse '缺少程序: ifconfig: apt-get install net-tools'
  command -v route >/dev/null || refuse '缺少程序: route: apt-get install net-tools'
  command -v ping >/dev/null || refuse '缺少程序: ping: apt-get install iputils-ping'
  command -v sysctl >/dev/null || refuse '缺少程序: sysctl: apt-get install procps'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say '没有可撤销的'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need 'br666 已存在，但不是网桥' bridge_or_free br666

step 1 "启动容器 $GUEST，不配网络。"
  unless has '' docker inspect -f '{{.State.Running}}' "$GUEST"
  undo   docker rm -f "$GUEST"
  run    docker run -t -i --net=none "$IMAGE" bash

step 2 '容器在这张表里。'
  expect "$GUEST" docker ps

step 3 "查出 $GUEST 的进程号。"
  pid=$(docker inspect -f '{{.State.Pid}}' "$GUEST")
need "目标没有在运行：进程 $pid 不存在" test -e "/proc/$pid/ns/net"
need '目标与宿主机共用网络；它必须有自己的网络命名空间' own_netns "/proc/$pid/ns/net"
need 'veth_d366、veth_d366_peer 或目标里的 eth0 已被占用；请撤销当初建它的操作，或用 --veth、--peer、--interface 另选' pair_or_free veth_d366 veth_d366_peer "/proc/$pid/ns/net" eth0
need '名字 netns666 指向另一个命名空间；请撤销当初建它的操作，或用 --netns 另选一个名字' name_or_free /var/run/netns/netns666 "/proc/$pid/ns/net"

step 4 '容器里没有 eth0，只有 lo。'
  moment refute docker exec "$GUEST" ip addr show eth0

step 5 '新建命名空间 netns666。'
  unless test -e /var/run/netns/netns666
  undo   ip netns del netns666
  run    ip netns add netns666

step 6 'netns666 在其中。'
  expect netns666 ip netns ls

step 7 '让名字 netns666 指向容器的命名空间。'
  unless is "$(stat -L -c %i "/proc/$pid/ns/net")" stat -L -c %i /var/run/netns/netns666
  undo   umount /var/run/netns/netns666
  run    mount --bind "/proc/$pid/ns/net" /var/run/netns/netns666

step 8 '容器的进程在 netns666 里。'
  expect "$pid" ip netns pids netns666

step 9 '建一对 veth：veth_d366 和 veth_d366_peer。'
  unless has '' ip link show dev veth_d366 type veth
  undo   ip link del dev veth_d366
  run    ip link add name veth_d366 type veth peer name veth_d366_peer

step 10 '把 veth_d366_peer 移进 netns666。'
  unless lacks ip link show dev veth_d366_peer
  undo   fetch veth_d366_peer netns666
  run    ip link set veth_d366_peer netns netns666

step 11 '[netns666] 把 veth_d366_peer 改名为 eth0。' netns666
  unless has '' ip -n netns666 link show dev eth0
  undo   ip -n netns666 link set eth0 name veth_d366_peer
  run    ip netns exec netns666 ip link set veth_d366_peer name eth0

step 12 '[netns666] 启用 lo。' netns666
  unless has '' ip -n netns666 link show dev lo up
  undo   ip -n netns666 link set lo down
  run    ip netns exec netns666 ip link set lo up

step 13 '[netns666] 给 eth0 配上地址 10.0.0.2/24。' netns666
  unless has 'inet 10.0.0.2/24 ' ip -n netns666 addr show dev eth0
  only_if 'ifconfig 会顶掉 eth0 已有的地址；请改用 --dialect modern' lacks ip -n netns666 -4 addr show dev eth0 primary
  undo   ip -n netns666 addr del 10.0.0.2/24 dev eth0
  run    ip netns exec netns666 ifconfig eth0 10.0.0.2/24

step 14 '[netns666] 启用 eth0。' netns666
  unless has '' ip -n netns666 link show dev eth0 up
  undo   ip -n netns666 link set eth0 down
  run    ip netns exec netns666 ip link set eth0 up

step 15 '在命名空间里，10.0.0.2 能 ping 通。'
  expect '' ip netns exec netns666 ping -c 1 -w 3 10.0.0.2

step 16 'eth0 有了地址，但没有载波。'
  moment expect NO-CARRIER ip netns exec netns666 ip addr show

step 17 '宿主机还 ping 不通 10.0.0.2。'
  moment refute ping -c 1 -w 1 10.0.0.2

step 18 '容器能 ping 通自己的 10.0.0.2。'
  expect '' docker exec "$GUEST" ping -c 1 -w 3 10.0.0.2

step 19 '建网桥 br666。'
  unless has '' ip link show dev br666 type bridge
  undo   ip link del dev br666
  run    brctl addbr br666

step 20 '给 br666 一个自己的 MAC 地址。'
  unless foreign br666 has ' 02:42:' ip link show dev br666
  undo   ip link set br666 address "$(ip -o link show dev br666 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
  run    ip link set br666 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"

step 21 '让 veth_d366 成为网桥 br666 的端口。'
  unless has '' ip link show dev veth_d366 master br666
  undo   ip link set veth_d366 nomaster
  run    brctl addif br666 veth_d366

step 22 '给 br666 配上地址 10.0.0.1/24。'
  unless foreign br666 has 'inet 10.0.0.1/24 ' ip addr show dev br666
  only_if 'ifconfig 会顶掉 br666 已有的地址；请改用 --dialect modern' lacks ip -4 addr show dev br666 primary
  undo   ip addr del 10.0.0.1/24 dev br666
  run    ifconfig br666 10.0.0.1/24

step 23 '启用 br666。'
  unless has '' ip link show dev br666 up
  undo   ip link set br666 down
  run    ip link set br666 up

step 24 '启用 veth_d366。'
  unless has '' ip link show dev veth_d366 up
  undo   ip link set veth_d366 down
  run    ip link set veth_d366 up

step 25 '现在宿主机能 ping 通 10.0.0.2 了。'
  expect '' ping -c 1 -w 3 10.0.0.2

step 26 '容器能 ping 通 10.0.0.1，也就是宿主机在网桥上的地址。'
  expect '' docker exec "$GUEST" ping -c 1 -w 3 10.0.0.1

step 27 "对从 $UPLINK 出去、来自 10.0.0.0/24 的包做地址伪装。"
  unless iptables -w -t nat -C POSTROUTING -s 10.0.0.0/24 -o "$UPLINK" -j MASQUERADE
  undo   iptables -w -t nat -D POSTROUTING -s 10.0.0.0/24 -o "$UPLINK" -j MASQUERADE
  run    iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o "$UPLINK" -j MASQUERADE

step 28 '允许宿主机转发数据包。'
  unless is 1 sysctl -n net.ipv4.ip_forward
  undo   restore "$(forwarding 4)"
  run    sysctl -w net.ipv4.ip_forward=1

step 29 '允许 br666 上的容器互相通信。'
  unless iptables -w -C FORWARD -i br666 -o br666 -j ACCEPT
  undo   iptables -w -D FORWARD -i br666 -o br666 -j ACCEPT
  run    iptables -A FORWARD -i br666 -o br666 -j ACCEPT

step 30 '允许 br666 上的容器访问其他网络。'
  unless iptables -w -C FORWARD -i br666 ! -o br666 -j ACCEPT
  undo   iptables -w -D FORWARD -i br666 ! -o br666 -j ACCEPT
  run    iptables -A FORWARD -i br666 ! -o br666 -j ACCEPT

step 31 '允许其他网络访问 br666 上的容器。'
  unless iptables -w -C FORWARD ! -i br666 -o br666 -j ACCEPT
  undo   iptables -w -D FORWARD ! -i br666 -o br666 -j ACCEPT
  run    iptables -A FORWARD ! -i br666 -o br666 -j ACCEPT

step 32 '容器自己不能设置路由。'
  refute docker exec "$GUEST" route add default gw 10.0.0.1

step 33 '[netns666] 其余的包一律交给 10.0.0.1。' netns666
  unless has '' ip -n netns666 -4 route show default via 10.0.0.1
  undo   ip -n netns666 route del default via 10.0.0.1
  run    ip netns exec netns666 route add default gw 10.0.0.1

step 34 '容器能联外网了。'
  expect '' docker exec "$GUEST" ping -c 1 -w 3 "$OUTSIDE"

finish
