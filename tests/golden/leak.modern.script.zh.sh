#!/usr/bin/env bash
# 让 data 经过 management 到达 10.9.0.0/24，而且只到那里。
# 生成自: bridgekit leak data management 10.9.0.0/24 --lang zh
# 参数：up（默认）、down（撤销 up 所做的一切）、check（只检查，不改动）。
# 需要: bash ip iptables sysctl

# 调用者的 shell 里的东西在这里都不算数：函数不算，选项也不算。
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: 环境里导出了 SHELLOPTS 或 BASHOPTS；请这样运行：env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=leak-data-management-10.9.0.0-24 TOTAL=15 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# 提问。has TEXT COMMAND：命令的输出里有 TEXT。is TEXT COMMAND：命令的输出恰好是 TEXT。
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
pair_or_free() {   # pair_or_free VETH PEER NETNS INTERFACE [NETNS-OF-VETH]
  local here there ends='^([0-9]+): [^ @]+@if([0-9]+): '
  here=$(${5:+nsenter "--net=$5"} ip -o link show dev "$1" 2>/dev/null) || here=
  there=$(nsenter --net="$3" ip -o link show dev "$4" 2>/dev/null) || there=
  [ -n "$here$there" ] || { lacks ip link show dev "$1" && lacks ip link show dev "$2"; return $?; }
  [[ $here =~ $ends ]] && [[ $there =~ ^"${BASH_REMATCH[2]}: $4@if${BASH_REMATCH[1]}: " ]]
}
forwarding() {   # forwarding VERSION: 宿主机的转发设置，以及内核随之一起改动的设置
  local file
  for file in "/proc/sys/net/ipv$1"/{ip_forward,conf/all/forwarding,conf/all/accept_redirects,conf/*/forwarding}; do
    [ ! -e "$file" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$(<"$file")"
  done
}
export -f forwarding
restore() { sysctl -qep - <<<"$1"; }
export -f restore
in_either() { has '' "${@:2}" || has '' nsenter --net="$1" "${@:2}"; }   # 在它将去的地方，或者还在这里
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
  [ -e "$LOG" ] || log started leak "$TOTAL" "$(checksum)" 'bridgekit leak data management 10.9.0.0/24 --lang zh'
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
  command -v ip >/dev/null || refuse '缺少程序: ip: apt-get install iproute2'
  command -v iptables >/dev/null || refuse '缺少程序: iptables: apt-get install iptables'
  command -v sysctl >/dev/null || refuse '缺少程序: sysctl: apt-get install procps'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say '没有可撤销的'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need '没有名为 data 的命名空间' test -e /var/run/netns/data
need '目标与宿主机共用网络；它必须有自己的网络命名空间' own_netns /var/run/netns/data
need '没有名为 management 的命名空间' test -e /var/run/netns/management
need '目标与宿主机共用网络；它必须有自己的网络命名空间' own_netns /var/run/netns/management
need 'leakeaa83ada、leakeaa83adb 或目标里的 leakeaa83adb 已被占用；请撤销当初建它的操作，或用 --veth、--peer、--interface 另选' pair_or_free leakeaa83ada leakeaa83adb /var/run/netns/management leakeaa83adb /var/run/netns/data

step 1 '建一对 veth：leakeaa83ada 和 leakeaa83adb。'
  unless in_either /var/run/netns/data ip link show dev leakeaa83ada type veth
  undo   ip link del dev leakeaa83ada
  run    ip link add name leakeaa83ada type veth peer name leakeaa83adb

step 2 '把 leakeaa83ada 移进 data。'
  unless lacks ip link show dev leakeaa83ada
  undo   fetch leakeaa83ada data
  run    ip link set leakeaa83ada netns data

step 3 '[data] 给 leakeaa83ada 配上地址 169.254.199.16/31。' data
  unless has 'inet 169.254.199.16/31 ' ip -n data addr show dev leakeaa83ada
  undo   ip -n data addr del 169.254.199.16/31 dev leakeaa83ada
  run    ip -n data addr add 169.254.199.16/31 dev leakeaa83ada

step 4 '[data] 启用 leakeaa83ada。' data
  unless has '' ip -n data link show dev leakeaa83ada up
  undo   ip -n data link set leakeaa83ada down
  run    ip -n data link set leakeaa83ada up

step 5 '把 leakeaa83adb 移进 management。'
  unless lacks ip link show dev leakeaa83adb
  undo   fetch leakeaa83adb management
  run    ip link set leakeaa83adb netns management

step 6 '[management] 给 leakeaa83adb 配上地址 169.254.199.17/31。' management
  unless has 'inet 169.254.199.17/31 ' ip -n management addr show dev leakeaa83adb
  undo   ip -n management addr del 169.254.199.17/31 dev leakeaa83adb
  run    ip -n management addr add 169.254.199.17/31 dev leakeaa83adb

step 7 '[management] 启用 leakeaa83adb。' management
  unless has '' ip -n management link show dev leakeaa83adb up
  undo   ip -n management link set leakeaa83adb down
  run    ip -n management link set leakeaa83adb up

step 8 '[management] 对从网线去往 10.9.0.0/24 的包做地址伪装。' management
  unless ip netns exec management iptables -w -t nat -C POSTROUTING -s 169.254.199.16/31 -d 10.9.0.0/24 -j MASQUERADE
  undo   ip netns exec management iptables -w -t nat -D POSTROUTING -s 169.254.199.16/31 -d 10.9.0.0/24 -j MASQUERADE
  run    ip netns exec management iptables -w -t nat -A POSTROUTING -s 169.254.199.16/31 -d 10.9.0.0/24 -j MASQUERADE

step 9 '[management] 放行从 data 去往 10.9.0.0/24 的包。' management
  unless ip netns exec management iptables -w -C FORWARD -d 10.9.0.0/24 -i leakeaa83adb -j ACCEPT
  undo   ip netns exec management iptables -w -D FORWARD -d 10.9.0.0/24 -i leakeaa83adb -j ACCEPT
  run    ip netns exec management iptables -w -A FORWARD -d 10.9.0.0/24 -i leakeaa83adb -j ACCEPT

step 10 '[management] 放行回到 data 的应答。' management
  unless ip netns exec management iptables -w -C FORWARD -o leakeaa83adb -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  undo   ip netns exec management iptables -w -D FORWARD -o leakeaa83adb -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  run    ip netns exec management iptables -w -A FORWARD -o leakeaa83adb -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT

step 11 '[management] 丢弃从 data 来的其他一切包。' management
  unless ip netns exec management iptables -w -C FORWARD -i leakeaa83adb -j DROP
  undo   ip netns exec management iptables -w -D FORWARD -i leakeaa83adb -j DROP
  run    ip netns exec management iptables -w -A FORWARD -i leakeaa83adb -j DROP

step 12 '[management] 丢弃去往 data 的其他一切包。' management
  unless ip netns exec management iptables -w -C FORWARD -o leakeaa83adb -j DROP
  undo   ip netns exec management iptables -w -D FORWARD -o leakeaa83adb -j DROP
  run    ip netns exec management iptables -w -A FORWARD -o leakeaa83adb -j DROP

step 13 '[management] 不让 data 访问 management 自己在 10.9.0.0/24 之外的地址。' management
  unless ip netns exec management iptables -w -C INPUT ! -d 10.9.0.0/24 -i leakeaa83adb -m conntrack --ctstate NEW -j DROP
  undo   ip netns exec management iptables -w -D INPUT ! -d 10.9.0.0/24 -i leakeaa83adb -m conntrack --ctstate NEW -j DROP
  run    ip netns exec management iptables -w -A INPUT ! -d 10.9.0.0/24 -i leakeaa83adb -m conntrack --ctstate NEW -j DROP

step 14 '[management] 允许 management 转发数据包。' management
  unless is 1 ip netns exec management sysctl -n net.ipv4.ip_forward
  undo   ip netns exec management bash -c '"$@"' bash restore "$(ip netns exec management bash -c '"$@"' bash forwarding 4)"
  run    ip netns exec management sysctl -w net.ipv4.ip_forward=1

step 15 '[data] 到 10.9.0.0/24 的包交给 169.254.199.17。' data
  unless has '' ip -n data -4 route show 10.9.0.0/24 via 169.254.199.17
  undo   ip -n data route del 10.9.0.0/24 via 169.254.199.17 dev leakeaa83ada
  run    ip -n data route add 10.9.0.0/24 via 169.254.199.17 dev leakeaa83ada

finish
