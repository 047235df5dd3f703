#!/usr/bin/env bash
# Let data reach fd00:9::/64 through management, and only that.

told_by_routers() {   # the links by which a router told something, and that would stop listening
  local link
  ip -6 -o route show table all | grep -E ' proto ra | expires ' | grep -oE ' dev [^ ]+' | sort -u |
    while read -r _ link; do
      [ "$(<"/proc/sys/net/ipv6/conf/$link/accept_ra")" != 1 ] || echo "net/ipv6/conf/$link/accept_ra = 1"
    done || :
}
keep_routers() { told_by_routers | sed 's/1$/2/' | sysctl -qep -; }
export -f told_by_routers keep_routers

ip link add name leakda24bb7a type veth peer name leakda24bb7b
ip link set leakda24bb7a netns data
ip netns exec data sysctl -w net/ipv6/conf/leakda24bb7a/disable_ipv6=0
ip netns exec data ip addr add fdda:24bb:a678::2/127 dev leakda24bb7a nodad
ip netns exec data ip link set leakda24bb7a up
ip link set leakda24bb7b netns management
ip netns exec management sysctl -w net/ipv6/conf/leakda24bb7b/disable_ipv6=0
ip netns exec management ip addr add fdda:24bb:a678::3/127 dev leakda24bb7b nodad
ip netns exec management ip link set leakda24bb7b up
ip netns exec management ip6tables -t nat -A POSTROUTING -s fdda:24bb:a678::2/127 -d fd00:9::/64 -j MASQUERADE
ip netns exec management ip6tables -A FORWARD -d fd00:9::/64 -i leakda24bb7b -j ACCEPT
ip netns exec management ip6tables -A FORWARD -o leakda24bb7b -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
ip netns exec management ip6tables -A FORWARD -i leakda24bb7b -j DROP
ip netns exec management ip6tables -A FORWARD -o leakda24bb7b -j DROP
ip netns exec management ip6tables -A INPUT ! -d fd00:9::/64 -i leakda24bb7b -m conntrack --ctstate NEW -j DROP
ip netns exec management bash -c '"$@"' bash keep_routers
ip netns exec management sysctl -w net.ipv6.conf.all.forwarding=1
ip netns exec data ip route add fd00:9::/64 via fdda:24bb:a678::3 dev leakda24bb7a
