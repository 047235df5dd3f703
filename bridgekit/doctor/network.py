"""Judging the settings that decide what guests can reach.  None of them keeps a recipe from running."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bridgekit.doctor.finding import FORWARDED, NOTE, NOTHING, OK, Breaks, Finding
from bridgekit.facts.ask import present
from bridgekit.facts.settings import Settings
from bridgekit.translation import joined, tr

_ON_OFF = {"0": tr("off"), "1": tr("on")}


def network(set_to: Settings) -> Iterator[Finding]:
    """Forwarding, the mix of iptables, 127.x, bridges that ask iptables, the engine."""
    yield _forwarding(set_to.parameters, 4)
    yield _forwarding(set_to.parameters, 6)
    yield _mix(set_to.rules)
    yield _localnet(set_to.localnet)
    yield from _bridged(set_to)
    yield _engine(set_to.engine)


def _finding(name: str, found: str, advice: str = "", breaks: Breaks = NOTHING) -> Finding:
    return Finding(tr("network"), name, NOTE if advice else OK, found, advice, breaks)


def _forwarding(parameters: Mapping[str, str], version: int) -> Finding:
    key = "net.ipv4.ip_forward" if version == 4 else "net.ipv6.conf.all.forwarding"
    name = "ip_forward" if version == 4 else tr("forwarding IPv6")
    if key not in parameters:
        found = tr("not known") if version == 4 else tr("this kernel speaks no IPv6")
        return _finding(name, found, tr("only IPv4 can be used"))
    if version == 6 and parameters.get("net.ipv6.conf.all.disable_ipv6") == "1":
        return _finding(name, tr("IPv6 is switched off"), tr("to use it: sysctl -w net.ipv6.conf.all.disable_ipv6=0"))
    if parameters[key] != "0":
        return _finding(name, tr("on"))
    # Not the bare sysctl for IPv6: it would cost the routes that routers told this host.
    way = f"sysctl -w {key}=1" if version == 4 else "bridgekit forwarding on --ipv6"
    advice = tr("guests stay among themselves; `outbound` turns it on, or: {0}", way)
    return _finding(name, tr("off"), advice, Breaks((FORWARDED,), versions=(version,)))


def _mix(rules: Mapping[str, int | None]) -> Finding:
    counts = (tr("{0} {1}", name, tr("not known") if count is None else count) for name, count in rules.items())
    found = tr("rules: {0}", joined(counts))
    if not all(rules.values()):
        return _finding(tr("iptables variants"), found)
    advice = tr(
        "a packet must pass both, and each variant shows only its own; choose one: "
        "update-alternatives --config iptables"
    )
    return _finding(tr("iptables variants"), found, advice)


def _localnet(links: Mapping[str, bool]) -> Finding:
    if not links:
        return _finding("route_localnet", tr("off"))
    opened = [name for name, shielded in links.items() if not shielded]
    if not opened:
        return _finding("route_localnet", tr("on for {0}; a rule drops what enters for 127.x", ", ".join(links)))
    ways = ("! -i lo" if name in ("all", "default") else f"-i {name}" for name in opened)
    rules = (f"iptables -t raw -I PREROUTING {way} -d 127.0.0.0/8 -j DROP" for way in dict.fromkeys(ways))
    advice = tr(
        "whoever sends to 127.0.0.1 by such a link reaches what listens there on this host alone; to drop that: {0}",
        "; ".join(rules),
    )
    return _finding("route_localnet", tr("on for {0}", ", ".join(opened)), advice)


def _bridged(set_to: Settings) -> Iterator[Finding]:
    for program in ("iptables", "ip6tables"):
        value = set_to.parameters.get(f"net.bridge.bridge-nf-call-{program}")
        name = f"bridge-nf-call-{program}"
        if value in (None, "0"):
            yield _finding(name, tr("off") if value else tr("off (br_netfilter is not loaded)"))
        else:
            advice = tr(
                "{0} also sees packets between the ports of one bridge: its FORWARD rules must accept them", program
            )
            yield _finding(name, _ON_OFF.get(str(value), str(value)), advice)


def _engine(version: str) -> Finding:
    if version:
        return _finding(tr("Docker engine"), version)
    if not present("docker"):  # its row among the programs says so, and what for
        return _finding(tr("Docker engine"), tr("not installed"))
    return _finding(tr("Docker engine"), tr("none answers"), tr("only for Docker's containers: systemctl start docker"))
