"""What the laws compare by sees what it is for: a law could not fail otherwise."""

from __future__ import annotations

from tests.kernel import measure
from tests.kernel.cases import in_the_host
from tests.kernel.world import shell

RED = "nsenter --net=/run/netns/red"
WEB = "nsenter --net=/run/netns/zz-web"
LIMIT = "burst 10k latency 50ms"
# One of each kind, in a namespace and on the host, with its way back; the last has none.
CHANGES = (
    ("ip -n red route add blackhole 192.0.2.0/24", "ip -n red route del blackhole 192.0.2.0/24"),
    ("ip route add blackhole 2001:db8:9::/64", "ip route del blackhole 2001:db8:9::/64"),
    ("ip -n red rule add from 192.0.2.1 table 7", "ip -n red rule del from 192.0.2.1 table 7"),
    ("ip -6 rule add iif lo table 7", "ip -6 rule del iif lo table 7"),
    ("ip -6 -n red rule del table main", "ip -6 -n red rule add table main priority 32766"),
    (f"{RED} iptables -w -A INPUT -j DROP", f"{RED} iptables -w -D INPUT -j DROP"),
    ("ip6tables -w -P FORWARD DROP", "ip6tables -w -P FORWARD ACCEPT"),
    (f"{WEB} sysctl -qw net.ipv4.ip_forward=1", f"{WEB} sysctl -qw net.ipv4.ip_forward=0"),
    ("sysctl -qw net.ipv6.conf.em1.accept_ra=2", "sysctl -qw net.ipv6.conf.em1.accept_ra=1"),
    (f"tc -n red qdisc add dev lo root handle 7: tbf rate 1mbit {LIMIT}", "tc -n red qdisc del dev lo root"),
    (f"tc -n red qdisc add dev lo root handle 7: tbf rate 2mbit {LIMIT}", "tc -n red qdisc del dev lo root"),
    ("nsenter -t $(cat /run/host/containers/docker/*/pid | head -1) --uts hostname other", ""),
)


@in_the_host
def test_every_kind_of_change_is_seen() -> None:
    measure.name_guests()
    seen = [measure.state()]
    for do, back in CHANGES:
        shell(do)
        seen.append(measure.state())
        if back:
            shell(back)
            measure.same(seen[0], measure.state(), do)
    assert len({*seen}) == len(seen), [
        do for (do, _), state in zip(CHANGES, seen[1:], strict=True) if seen.count(state) > 1
    ]
