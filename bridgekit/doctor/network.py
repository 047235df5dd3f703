"""Judging the settings that decide what guests can reach.  None of them keeps a recipe from running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridgekit.doctor.finding import NOTE, OK, Finding
from bridgekit.facts.settings import Settings

_ON_OFF = {"0": "off", "1": "on"}
_FILTERS = {"0": "off", "1": "strict", "2": "loose"}


def network(set_to: Settings) -> Iterator[Finding]:
    """Forwarding, filters, the mix of iptables, the engine."""
    yield _forwarding(set_to.parameters, 4)
    yield _forwarding(set_to.parameters, 6)
    yield _policy(set_to.forward_policy)
    yield _mix(set_to.rules)
    yield _rp_filter(set_to.parameters)
    yield _localnet(set_to.localnet)
    yield from _bridged(set_to)
    yield _engine(set_to.engine)


def _finding(name: str, found: str, advice: str = "") -> Finding:
    return Finding("network", name, NOTE if advice else OK, found, advice)


def _forwarding(parameters: Mapping[str, str], version: int) -> Finding:
    key = "net.ipv4.ip_forward" if version == 4 else "net.ipv6.conf.all.forwarding"
    name = "ip_forward" if version == 4 else "forwarding IPv6"
    if key not in parameters:
        return _finding(name, "not known" if version == 4 else "this kernel speaks no IPv6", "only IPv4 can be used")
    if version == 6 and parameters.get("net.ipv6.conf.all.disable_ipv6") == "1":
        return _finding(name, "IPv6 is switched off", "to use it: sysctl -w net.ipv6.conf.all.disable_ipv6=0")
    if parameters[key] != "0":
        return _finding(name, "on")
    # Not the bare sysctl for IPv6: it would cost the routes that routers told this host.
    way = f"sysctl -w {key}=1" if version == 4 else "bridgekit forwarding on --ipv6"
    return _finding(name, "off", f"guests stay among themselves; `outbound` turns it on, or: {way}")


def _policy(policy: str) -> Finding:
    if not policy:
        return _finding("FORWARD policy", "not known", "iptables tells it to root alone")
    if policy == "ACCEPT":
        return _finding("FORWARD policy", policy)
    advice = "what no rule accepts is not forwarded (Docker sets this); `outbound` adds rules for its bridge"
    return _finding("FORWARD policy", policy, advice)


def _mix(rules: Mapping[str, int | None]) -> Finding:
    counts = [f"{name} {'not known' if count is None else count}" for name, count in rules.items()]
    found = f"rules: {', '.join(counts)}"
    if not all(rules.values()):
        return _finding("iptables variants", found)
    advice = "a packet must pass both, and each variant shows only its own; choose one: update-alternatives"
    return _finding("iptables variants", found, f"{advice} --config iptables")


def _rp_filter(parameters: Mapping[str, str]) -> Finding:
    values = [parameters.get(f"net.ipv4.conf.{which}.rp_filter", "") for which in ("all", "default")]
    all_, default = (_FILTERS.get(value, "not known") for value in values)
    found = f"{all_} for all links, {default} for new ones"
    if "1" not in values:
        return _finding("rp_filter", found)
    # The kernel takes the larger of the two numbers that are a link's own and for all.
    advice = "packets are dropped that come by another link than the answer would take; where that is meant"
    return _finding("rp_filter", found, f"{advice}: sysctl -w net.ipv4.conf.LINK.rp_filter=2")


def _localnet(links: Mapping[str, bool]) -> Finding:
    if not links:
        return _finding("route_localnet", "off")
    opened = [name for name, shielded in links.items() if not shielded]
    if not opened:
        return _finding("route_localnet", f"on for {', '.join(links)}; a rule drops what enters for 127.x")
    ways = ("! -i lo" if name in ("all", "default") else f"-i {name}" for name in opened)
    rules = (f"iptables -t raw -I PREROUTING {way} -d 127.0.0.0/8 -j DROP" for way in dict.fromkeys(ways))
    advice = "whoever sends to 127.0.0.1 by such a link reaches what listens there on this host alone; to drop that:"
    return _finding("route_localnet", f"on for {', '.join(opened)}", f"{advice} {'; '.join(rules)}")


def _bridged(set_to: Settings) -> Iterator[Finding]:
    for program in ("iptables", "ip6tables"):
        value = set_to.parameters.get(f"net.bridge.bridge-nf-call-{program}")
        name = f"bridge-nf-call-{program}"
        if value in (None, "0"):
            yield _finding(name, "off" if value else "off (br_netfilter is not loaded)")
        else:
            advice = f"{program} also sees packets between the ports of one bridge: its FORWARD rules must accept them"
            yield _finding(name, _ON_OFF.get(str(value), str(value)), advice)


def _engine(version: str) -> Finding:
    if version:
        return _finding("Docker engine", version)
    return _finding("Docker engine", "none answers", "only for Docker's containers: systemctl start docker")
