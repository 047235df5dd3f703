#!/usr/bin/env bash
# 把 netns:red 的端口发布到本机。
# 生成自: bridgekit publish netns:red 8080:80 --lang zh
# 参数：up（默认）、down（撤销 up 所做的一切）、check（只检查，不改动）。
# 需要: bash ip bridge iptables sysctl

# 调用者的 shell 里的东西在这里都不算数：函数不算，选项也不算。
for each in $(compgen -A function); do unset -f "$each" || exit 3; done
case ${SHELLOPTS@a}${BASHOPTS@a} in *x*) echo 'bridgekit: 环境里导出了 SHELLOPTS 或 BASHOPTS；请这样运行：env -u SHELLOPTS -u BASHOPTS bash FILE' >&2; exit 3 ;; esac
set -euo pipefail
export LC_ALL=C PATH="${PATH:+$PATH:}/usr/sbin:/sbin"
NAME=publish-netns-red TOTAL=12 MODE=${1:-up}
STATE=/run/bridgekit
UNDO=$STATE/$NAME.undo USES=$STATE/$NAME.uses LOG=$STATE/$NAME.log NEW=$STATE/$NAME.new
number=0 words='' so='' said='' touched='' finished='' bad='' again='' netns='' mark=0 guard=()

# 提问。has TEXT COMMAND：命令的输出里有 TEXT。is TEXT COMMAND：命令的输出恰好是 TEXT。
has()   { local out; out=$("${@:2}" 2>/dev/null) && [[ -n $out && $out == *"$1"* ]]; }
is()    { local out; out=$("${@:2}" 2>/dev/null) && [ "$out" = "$1" ]; }
lacks() { ! has '' "$@"; }
own_netns() { [ -e "$1" ] && [ ! "$1" -ef "/proc/$$/ns/net" ]; }
forwarding() {   # forwarding VERSION: 宿主机的转发设置，以及内核随之一起改动的设置
  local file
  for file in "/proc/sys/net/ipv$1"/{ip_forward,conf/all/forwarding,conf/all/accept_redirects,conf/*/forwarding}; do
    [ ! -e "$file" ] || printf '%s = %s\n' "${file#/proc/sys/}" "$(<"$file")"
  done
}
export -f forwarding
restore() { sysctl -qep - <<<"$1"; }
export -f restore

# 网桥上谁有哪个地址：在所有命名空间里找它各端口的另一头。
namespaces() { stat -L -c '%i %n' /proc/[0-9]*/ns/net /var/run/netns/* 2>/dev/null | sort -u -k 1,1 | cut -d ' ' -f 2; }
ports_of() { ip -o link show master "$1" type veth | sed -nE 's/^([0-9]+): ([^@]*)@if([0-9]+): .*/\3:\1 \2/p'; }
ends_in()  { nsenter --net="$1" ip -o link show type veth | sed -nE 's/^([0-9]+): ([^@]*)@if([0-9]+): .*/\1:\3 \2/p'; }
on_bridge() {   # on_bridge BRIDGE [NETNS [INTERFACE]]: 那里的地址，CIDR
  local ports file pair name
  ports=$(ports_of "$1")
  for file in ${2:-$(namespaces)}; do
    while read -r pair name; do
      [[ $'\n'$ports == *$'\n'"$pair "* && $name == "${3:-$name}" ]] || continue
      nsenter --net="$file" ip -4 -o addr show dev "$name" scope global | sed -nE 's|^[^ ]+ [^ ]+ +inet ([0-9./]+) .*|\1|p'
    done < <(ends_in "$file" 2>/dev/null)
  done
}
port_of() {   # port_of BRIDGE NETNS: 网桥通向客体的那个端口
  local there pair name
  there=$(ends_in "$2")
  while read -r pair name; do
    if [[ $'\n'$there == *$'\n'"$pair "* ]]; then echo "$name"; return 0; fi
  done < <(ports_of "$1")
}
bare_address() { echo "${1%%/*}"; }   # bare_address ADDRESS/PREFIX
host_gateway() {   # host_gateway BRIDGE...: 其中第一个有地址的网桥的地址
  local each
  for each in "$@"; do
    if has '' ip -4 -o addr show dev "$each" scope global; then
      ip -4 -o addr show dev "$each" scope global | sed -n '1s/.* inet \([^/]*\).*/\1/p'
      return 0
    fi
  done
}
as_mac() { local a b c d; IFS=. read -r a b c d <<<"$1"; printf '02:42:%02x:%02x:%02x:%02x\n' "$a" "$b" "$c" "$d"; }
as_number() { local a b c d; IFS=. read -r a b c d <<<"${1%/*}"; echo $(((a << 24) + (b << 16) + (c << 8) + d)); }
as_address() { echo "$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }
free_address() {   # free_address HOME BRIDGE NETNS INTERFACE POOL [ADDRESS...]: 客体已有的那个，否则最小的空闲地址
  local prefix=${1#*/} rest base low high first last each
  local -A taken=()
  rest=$(((1 << 32 - prefix) - 1)) base=$(($(as_number "$1") & ~((1 << 32 - prefix) - 1)))
  low=$((base + (rest > 1))) high=$((base + rest - (rest > 1)))
  if [ -n "$5" ]; then
    first=$(as_number "$5") last=$(($(as_number "$5") + (1 << 32 - ${5#*/}) - 1))
    low=$((first > low ? first : low)) high=$((last < high ? last : high))
  fi
  for each in $(on_bridge "$2" "$3" "$4"); do
    if (($(as_number "$each") >= low && $(as_number "$each") <= high)); then echo "$each"; return 0; fi
  done
  for each in "$1" "${@:6}" $(on_bridge "$2"); do taken[$(as_number "$each")]=1; done
  while ((low <= high)) && [ -n "${taken[$low]:-}" ]; do low=$((low + 1)); done
  ((low > high)) || echo "$(as_address "$low")/$prefix"
}

# 主机的端口：归谁用。
proxies() {   # proxies ARGUMENT...: 本网络里这样运行 docker-proxy 的进程
  local pid
  for pid in $(pgrep -xf -- "docker-proxy $*"); do [ ! "/proc/$pid/ns/net" -ef "/proc/$$/ns/net" ] || echo "$pid"; done
}
can_proxy() { command -v docker-proxy >/dev/null && { [ "$1" != :: ] || [ -e /proc/net/if_inet6 ]; }; }
start_proxy() {   # start_proxy ARGUMENT...: 它在描述符 3 上说自己有没有监听成功
  local word rest
  { read -r word && rest=$(cat); } < <(setsid -f docker-proxy "$@" 3>&1 >/dev/null 2>&1 </dev/null 9>&-) || :
  [ "${word:-}" = 0 ] || { echo "docker-proxy: ${rest:-}"; return 1; }
}
stop_proxy() {
  local pid try
  for pid in $(proxies "$@"); do kill "$pid"; done
  for ((try = 0; try < 200; try++)); do [ -n "$(proxies "$@")" ] || return 0; sleep 0.02; done
  return 1
}
leading_to() {   # leading_to PROTOCOL ADDRESS DESTINATION: 已经通向那里的主机端口
  local at=${2:+-d $2/32 } pid
  command iptables -w -t nat -S |
    sed -nE "s|^-A [^ ]+ ${at//./\\.}(! -i [^ ]+ )?-p $1 .*--dport ([0-9]+) .*-j DNAT --to-destination ${3//./\\.}\$|\2|p"
  for pid in $(passing_on "$1" "$2" '[0-9]+' "$3"); do
    tr '\0' ' ' <"/proc/$pid/cmdline" | sed -nE 's/.* -host-port ([0-9]+) .*/\1/p'
  done
}
passing_on() {   # passing_on PROTOCOL ADDRESS PORT DESTINATION: 把它转交到那里的进程
  proxies -proto "$1" -host-ip "${2:-(0.0.0.0|::)}" -host-port "$3" -container-ip "${4%:*}" -container-port "${4##*:}"
}
unpublished() {   # unpublished PROTOCOL ADDRESS PORT DESTINATION: 没有规则把这个端口送到别处
  local rule
  while read -r rule; do
    if [ "${rule##* }" != "$4" ] && { [[ $rule != *' -d '* ]] || [ -z "$2" ] || [[ $rule == *" -d $2/32 "* ]]; }; then
      return 1
    fi
  done < <(command iptables -w -t nat -S | grep -E -- "^-A .* -p $1 .*--dport $3 .*-j DNAT ")
}
unbound() {   # unbound PROTOCOL ADDRESS PORT DESTINATION: 没有程序在那里监听，除非它正是转交给这个目的地的
  local at users ours
  ours=$(passing_on "$@")
  while read -r _ _ _ at _ users; do
    [[ -z $2 || ${at%:*} =~ ^(\*|0\.0\.0\.0|$2)$ ]] || continue
    [[ $users =~ pid=([0-9]+) && $'\n'$ours$'\n' == *$'\n'"${BASH_REMATCH[1]}"$'\n'* ]] || return 1
  done < <(ss -Hlnp "--$1" "sport = :$3")
}
free_port() {   # free_port PROTOCOL ADDRESS LOW HIGH DESTINATION [PORT...]: 已经通向那里的那个，否则最小的空闲端口
  local low=$3 high=$4 taken=" ${*:6} " each
  [ "$low" != 0 ] || read -r low high </proc/sys/net/ipv4/ip_local_port_range
  for each in $(leading_to "$1" "$2" "$5"); do
    if ((each >= low && each <= high)) && [[ $taken != *" $each "* ]]; then echo "$each"; return 0; fi
  done
  for ((each = low; each <= high; each++)); do
    [[ $taken != *" $each "* ]] || continue
    if unpublished "$1" "$2" "$each" "$5" && unbound "$1" "$2" "$each" "$5"; then echo "$each"; return 0; fi
  done
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
  [ -e "$LOG" ] || log started publish "$TOTAL" "$(checksum)" 'bridgekit publish netns:red 8080:80 --lang zh'
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
  command -v bridge >/dev/null || refuse '缺少程序: bridge: apt-get install iproute2'
  command -v iptables >/dev/null || refuse '缺少程序: iptables: apt-get install iptables'
  command -v sysctl >/dev/null || refuse '缺少程序: sysctl: apt-get install procps'
  up ;;
check) ;;
down) [ -e "$UNDO" ] || [ -e "$LOG" ] || { say '没有可撤销的'; exit; }
  trap '' PIPE; lock; take_back 0; exit "${bad:-0}" ;;
*) say 'up | down | check' >&2; exit 2 ;;
esac

need '没有名为 red 的命名空间' test -e /var/run/netns/red
need '目标与宿主机共用网络；它必须有自己的网络命名空间' own_netns /var/run/netns/red
need '网桥 br666 不存在；docker0 以外的网桥要先建好：bridgekit bridge br666 --address CIDR' has '' ip link show dev br666 type bridge

step 1 '查出客体在 br666 上的地址。'
  address=$(on_bridge br666 /var/run/netns/red | sed -n '1s|/.*||p')
need '在网桥 br666 上没有 IPv4 地址：客体没有接在上面，或者没有地址' test -n "$address"
need '主机的端口 8080/tcp 已经分配：有规则把它送往别处' unpublished tcp '' 8080 "$address:80"
need "主机的端口 8080/tcp 已被占用：有程序在那里监听；请看：ss -lnp 'sport = :8080'" unbound tcp '' 8080 "$address:80"

step 2 '找出 br666 通向客体的端口。'
  port=$(port_of br666 /var/run/netns/red)

step 3 '让主机转发数据包。'
  unless is 1 sysctl -n net.ipv4.ip_forward
  undo   restore "$(forwarding 4)"
  run    sysctl -w net.ipv4.ip_forward=1

step 4 "允许网桥把包从 $port 原路送回。"
  unless has 'hairpin on' bridge -d link show dev "$port"
  undo   bridge link set dev "$port" hairpin off
  run    bridge link set dev "$port" hairpin on

step 5 '从 br666 进来、发往 127.0.0.0/8 的，丢掉。'
  unless iptables -w -t raw -C PREROUTING -d 127.0.0.0/8 -i br666 -j DROP
  undo   iptables -w -t raw -D PREROUTING -d 127.0.0.0/8 -i br666 -j DROP
  run    iptables -w -t raw -I PREROUTING -d 127.0.0.0/8 -i br666 -j DROP

step 6 '允许来自 127.0.0.1 的包从 br666 出去。'
  unless is 1 sysctl -n net/ipv4/conf/br666/route_localnet
  undo   sysctl -w "net/ipv4/conf/br666/route_localnet=$(sysctl -n net/ipv4/conf/br666/route_localnet)"
  run    sysctl -w net/ipv4/conf/br666/route_localnet=1

step 7 '主机自己发进 br666 的包也做伪装。'
  unless iptables -w -t nat -C POSTROUTING -o br666 -m addrtype --src-type LOCAL -j MASQUERADE
  undo   iptables -w -t nat -D POSTROUTING -o br666 -m addrtype --src-type LOCAL -j MASQUERADE
  run    iptables -w -t nat -A POSTROUTING -o br666 -m addrtype --src-type LOCAL -j MASQUERADE

step 8 '放行 br666 上客体的回答。'
  unless iptables -w -C FORWARD -i br666 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  undo   iptables -w -D FORWARD -i br666 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
  run    iptables -w -A FORWARD -i br666 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT

step 9 "发到端口 8080 的，送往 $address 的 80/tcp。"
  unless iptables -w -t nat -C PREROUTING -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination "$address:80"
  undo   iptables -w -t nat -D PREROUTING -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination "$address:80"
  run    iptables -w -t nat -A PREROUTING -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination "$address:80"

step 10 "本机自己发往端口 8080 的，也送往 $address 的 80/tcp。"
  unless iptables -w -t nat -C OUTPUT -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination "$address:80"
  undo   iptables -w -t nat -D OUTPUT -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination "$address:80"
  run    iptables -w -t nat -A OUTPUT -p tcp --dport 8080 -m addrtype --dst-type LOCAL -j DNAT --to-destination "$address:80"

step 11 "放行发往 $address 端口 80/tcp 的包。"
  unless iptables -w -C FORWARD -d "$address" -o br666 -p tcp --dport 80 -j ACCEPT
  undo   iptables -w -D FORWARD -d "$address" -o br666 -p tcp --dport 80 -j ACCEPT
  run    iptables -w -A FORWARD -d "$address" -o br666 -p tcp --dport 80 -j ACCEPT

step 12 "$address 发往自己端口 80/tcp 的，做地址伪装。"
  unless iptables -w -t nat -C POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE
  undo   iptables -w -t nat -D POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE
  run    iptables -w -t nat -A POSTROUTING -s "$address" -d "$address" -p tcp --dport 80 -j MASQUERADE

finish
