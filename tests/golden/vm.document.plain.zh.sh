#!/usr/bin/env bash
# 把 tap0 和一块网卡接到同一个网桥 br0 上。

furniture() {   # furniture LINK: 是否启用、有哪些地址和路由，写成 ip -batch 的命令
  local name=${1//./\\.} flags='secondary|dynamic|tentative|dadfailed|optimistic|deprecated|permanent|nodad'
  [ -z "$(ip link show dev "$1" up 2>/dev/null)" ] || echo "link set dev $1 up"
  ip -o addr show dev "$1" 2>/dev/null |
    sed -E "/ temporary /d; s/ ($flags)( ($flags))* / /; s/([0-9])sec/\1/g; s/\$/ dev $1/
      s/^.* inet6 ([^\\\\]*)\\\\ /addr replace \1 nodad/; s/^.* inet ([^\\\\]*) ([^ ]*)\\\\ /addr replace \1 label \2 /"
  { ip -o -4 route show table all; ip -o -6 route show table all | sed 's|^default|::/0|'; } 2>/dev/null |
    sed -nE "/ dev $name( |\$)/!d; / proto kernel/d; /nexthop /d; s/ (linkdown|dead|offload|trap|nhid [0-9]+)\b//g
      s/([0-9])sec/\1/g; s/^/route append /p" | sort -s -k 4,4   # 经网关的路由要先有到网关的路由
}
furnish() {   # furnish FURNITURE: 已经有的就算好了
  local said
  said=$(ip -force -batch - <<<"$1" 2>&1 | grep -v -e 'File exists' -e '^Command failed') || :
  [ -z "$said" ] || { printf '%s\n' "$said"; return 1; }
}
clear_out() {   # clear_out FURNITURE: 去掉这些地址和路由
  sed -n 's/^route append/route del/p; s/^addr replace/addr del/p' <<<"$1" | ip -force -batch - >/dev/null 2>&1 || :
}
as_of() { sed -E "/^link /d; s/ (dev|label) ${1//./\\.}\b/ \1 $2/g" <<<"$3"; }   # as_of LINK OTHER FURNITURE: 同样的内容，换成另一块网卡的
move_over() {   # move_over LINK BRIDGE: 网桥得到这个端口，以及端口原有的一切
  local own
  own=$(furniture "$1")
  ip link set dev "$1" master "$2" && clear_out "$own" && furnish "$(as_of "$1" "$2" "$own")"
}

gateway=$(ip -4 route show default | sed -nE '/ dev (eth0|br0) /{s/.* via ([^ ]*) .*/\1/p;:a;n;ba}')
ip tuntap add dev tap0 mode tap
brctl addbr br0
ip link set br0 address "$(ip -o link show dev eth0 | sed 's|.* link/[a-z]* \([^ ]*\) .*|\1|')"
ip link set br0 up
brctl addif br0 tap0
ip link set tap0 up
ip link set eth0 up
move_over eth0 br0
ping -c 1 -w 5 "$gateway"
