#!/usr/bin/env bash
# Published ports: how others get into a container, rule by rule.
# shellcheck disable=SC2086  # a process id is a number and needs no quotes


# Ports of the host: who has them.
proxies() {   # proxies ARGUMENT...: the processes that run docker-proxy so, in this network
  local pid
  for pid in $(pgrep -xf -- "docker-proxy $*"); do [ ! "/proc/$pid/ns/net" -ef "/proc/$$/ns/net" ] || echo "$pid"; done
}
can_proxy() { command -v docker-proxy >/dev/null && { [ "$1" != :: ] || [ -e /proc/net/if_inet6 ]; }; }
start_proxy() {   # start_proxy ARGUMENT...: it says on its descriptor 3 whether it listens
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
leading_to() {   # leading_to PROTOCOL ADDRESS DESTINATION: the host's ports that lead there already
  local at=${2:+-d $2/32 } pid
  command iptables -w -t nat -S |
    sed -nE "s|^-A [^ ]+ ${at//./\\.}(! -i [^ ]+ )?-p $1 .*--dport ([0-9]+) .*-j DNAT --to-destination ${3//./\\.}\$|\2|p"
  for pid in $(passing_on "$1" "$2" '[0-9]+' "$3"); do
    tr '\0' ' ' <"/proc/$pid/cmdline" | sed -nE 's/.* -host-port ([0-9]+) .*/\1/p'
  done
}
passing_on() {   # passing_on PROTOCOL ADDRESS PORT DESTINATION: the processes that pass it on there
  proxies -proto "$1" -host-ip "${2:-(0.0.0.0|::)}" -host-port "$3" -container-ip "${4%:*}" -container-port "${4##*:}"
}
unpublished() {   # unpublished PROTOCOL ADDRESS PORT DESTINATION: no rule sends the port elsewhere
  local rule
  while read -r rule; do
    if [ "${rule##* }" != "$4" ] && { [[ $rule != *' -d '* ]] || [ -z "$2" ] || [[ $rule == *" -d $2/32 "* ]]; }; then
      return 1
    fi
  done < <(command iptables -w -t nat -S | grep -E -- "^-A .* -p $1 .*--dport $3 .*-j DNAT ")
}
unbound() {   # unbound PROTOCOL ADDRESS PORT DESTINATION: no program listens there, but one that passes on to the destination
  local at users ours
  ours=$(passing_on "$@")
  while read -r _ _ _ at _ users; do
    [[ -z $2 || ${at%:*} =~ ^(\*|0\.0\.0\.0|$2)$ ]] || continue
    [[ $users =~ pid=([0-9]+) && $'\n'$ours$'\n' == *$'\n'"${BASH_REMATCH[1]}"$'\n'* ]] || return 1
  done < <(ss -Hlnp "--$1" "sport = :$3")
}
free_port() {   # free_port PROTOCOL ADDRESS LOW HIGH DESTINATION [PORT...]: one that leads there already, or the lowest that is free
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

brctl addbr docker0
ip link set docker0 address "02:42$(od -An -N4 -tx1 /dev/urandom | tr ' ' :)"
ip addr add 172.17.0.1/16 dev docker0
ip link set docker0 up
docker run -i -t --rm --net=none httpd
pid_web=$(docker inspect -f '{{.State.Pid}}' web)
ip netns add web
mount --bind /proc/$pid_web/ns/net /var/run/netns/web
ip link add to_web type veth peer name eth0
brctl addif docker0 to_web
ip link set to_web up
ip link set eth0 netns web
ip netns exec web ip link set eth0 address 02:42:ac:11:00:02
ip netns exec web ip addr add 172.17.0.2/16 dev eth0
ip netns exec web ip link set eth0 up
ip netns exec web ip route add default via 172.17.0.1
iptables -P FORWARD DROP
echo 1 > /proc/sys/net/ipv4/ip_forward
iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
! ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8080/
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A DOCKER -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -t nat -L -n
! ip netns exec outside timeout 1 wget -q -O - http://203.0.113.1:8080/
iptables -N DOCKER
iptables -A FORWARD -o docker0 -j DOCKER
iptables -A DOCKER -d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 80 -j ACCEPT
ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8080/
! timeout 2 wget -q -O - http://203.0.113.1:8080/
iptables -t nat -A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER
timeout 2 wget -q -O - http://203.0.113.1:8080/
! timeout 1 wget -q -O - http://127.0.0.1:8080/
echo 1 > /proc/sys/net/ipv4/conf/docker0/route_localnet
iptables -t nat -A POSTROUTING -o docker0 -m addrtype --src-type LOCAL -j MASQUERADE
timeout 2 wget -q -O - http://127.0.0.1:8080/
! docker exec web timeout 1 wget -q -O - http://203.0.113.1:8080/
iptables -A FORWARD -i docker0 -o docker0 -j ACCEPT
bridge link set dev to_web hairpin on
iptables -t nat -A POSTROUTING -s 172.17.0.2 -d 172.17.0.2 -p tcp --dport 80 -j MASQUERADE
docker exec web timeout 2 wget -q -O - http://203.0.113.1:8080/
free_port tcp '' 0 0 172.17.0.2:80
iptables -t nat -A DOCKER -p tcp --dport 49153 -j DNAT --to-destination 172.17.0.2:80
ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:49153/
ip netns exec outside ip route add 172.17.0.0/16 via 203.0.113.1
! ip netns exec outside timeout 1 wget -q -O - http://172.17.0.2:81/
iptables -t nat -A DOCKER -d 127.0.0.1 -p tcp --dport 8081 -j DNAT --to-destination 172.17.0.2:81
iptables -A DOCKER -d 172.17.0.2 ! -i docker0 -o docker0 -p tcp --dport 81 -j ACCEPT
timeout 2 wget -q -O - http://127.0.0.1:8081/
! ip netns exec outside timeout 2 wget -q -O - http://203.0.113.1:8081/
ip netns exec outside timeout 2 wget -q -O - http://172.17.0.2:81/
! ip netns exec outside ping -c 1 -w 1 172.17.0.2
