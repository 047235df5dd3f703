#!/usr/bin/env bash
# Two homes behind their modems, a provider, and a network of servers: namespaces as hosts and as routers.
set -e
router() { ip netns add "$1"; nsenter --net="/run/netns/$1" sysctl -qw net.ipv4.ip_forward=1; }
# cable A:LINK B:LINK, a bridge where there is no link: the port is called as the other end's namespace.
cable() {
  local near=${1%:*} far=${2%:*}
  case $2 in
  *:*) ip link add "${1#*:}" netns "$near" type veth peer name "${2#*:}" netns "$far"
    ip -n "$far" link set "${2#*:}" up ;;
  *) ip link add "${1#*:}" netns "$near" type veth peer name "to-$near"
    ip link set "to-$near" master "$2" up ;;
  esac
  ip -n "$near" link set "${1#*:}" up
}
for bridge in homeA homeB exampleCOM; do ip link add "$bridge" type bridge; ip link set "$bridge" up; done
for name in modemA modemB isp backbone example; do router "$name"; done
for name in h1 h2 h3 h4 ftp mail www; do ip netns add "$name"; done
guest() {   # guest NAME BRIDGE LINK ADDRESS GATEWAY
  cable "$1:$3" "$2"
  ip -n "$1" addr add "$4" dev "$3"
  ip -n "$1" route add default via "$5"
}
modem() {   # modem NAME BRIDGE ADDRESS
  cable "$1:eth1" "$2"
  ip -n "$1" addr add 192.168.1.1/24 dev eth1
  ip -n "$1" addr add "$3/16" dev eth0
  ip -n "$1" route add default via 10.25.1.1
  nsenter --net="/run/netns/$1" iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE
}
cable backbone:eth0 isp:eth0
cable backbone:eth1 example:eth0
cable isp:eth1 modemA:eth0
cable isp:eth2 modemB:eth0
for link in eth0 eth1 eth2; do ip -n isp addr add 10.25.1.1/32 dev "$link"; done
ip -n isp route add 10.1.1.1 dev eth0; ip -n isp route add default via 10.1.1.1
ip -n isp route add 10.25.1.65 dev eth1; ip -n isp route add 10.25.1.66 dev eth2
for link in eth0 eth1; do ip -n backbone addr add 10.1.1.1/32 dev "$link"; done
ip -n backbone route add 10.25.1.1 dev eth0; ip -n backbone route add 10.25.0.0/16 via 10.25.1.1
ip -n backbone route add 10.130.1.1 dev eth1; ip -n backbone route add 10.130.1.0/24 via 10.130.1.1
ip -n example addr add 10.130.1.1/32 dev eth0
ip -n example route add 10.1.1.1 dev eth0; ip -n example route add default via 10.1.1.1
cable example:eth1 exampleCOM; ip -n example addr add 10.130.1.1/24 dev eth1
modem modemA homeA 10.25.1.65; modem modemB homeB 10.25.1.66
for number in 1 2 3; do guest "h$number" homeA eth1 "192.168.1.1$number/24" 192.168.1.1; done
guest h4 homeB eth1 192.168.1.14/24 192.168.1.1
guest ftp exampleCOM eth0 10.130.1.2/24 10.130.1.1
guest mail exampleCOM eth0 10.130.1.3/24 10.130.1.1
guest www exampleCOM eth0 10.130.1.4/24 10.130.1.1
