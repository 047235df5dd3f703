"""Settings of this host that decide what its guests can reach.  ip-sysctl, bridge(8), iptables(8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bridgekit.facts.ask import ask
from bridgekit.facts.spaces import Space
from bridgekit.facts.tables import Entry, entries, tables

_LEGACY_TABLES = Path("/proc/net/ip_tables_names")
_CONF = Path("/proc/sys/net/ipv4/conf")
_KEYS = (
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.conf.all.disable_ipv6",
    "net.bridge.bridge-nf-call-iptables",
    "net.bridge.bridge-nf-call-ip6tables",
)


@dataclass(frozen=True)
class Settings:
    """What is set.

    parameters: kernel parameters by name, those that this host has.
    rules: how many rules each variant of iptables, `legacy` and `nft`, holds; None if that cannot be told.
    engine: the version of the Docker engine that answers; empty if none does.
    localnet: the links, or `all` or `default`, by which packets for 127.x may enter; whether a rule drops these.
    """

    parameters: Mapping[str, str]
    rules: Mapping[str, int | None]
    engine: str
    localnet: Mapping[str, bool] = field(default_factory=dict)


def settings(host: Space) -> Settings:
    """What is set on this host now."""
    answer = ask("sysctl", "-e", *_KEYS) or ""
    found = dict(line.split(" = ", 1) for line in answer.splitlines() if " = " in line)
    filters = tables(host, 4)
    return Settings(
        parameters=found,
        rules={"legacy": _legacy_rules(), "nft": _rules("iptables-nft-save")},
        engine=(ask("docker", "version", "-f", "{{.Server.Version}}") or "").strip(),
        localnet=_localnet(filters or ()),
    )


def _localnet(found: Sequence[Entry]) -> dict[str, bool]:
    rules = {str(entry) for entry in found}
    shield = "raw -A PREROUTING -d 127.0.0.0/8 {} -j DROP"
    everywhere = shield.format("! -i lo") in rules
    links = (path.parent.name for path in sorted(_CONF.glob("*/route_localnet")) if path.read_text().strip() != "0")
    return {name: everywhere or shield.format(f"-i {name}") in rules for name in links if name != "lo"}


def _legacy_rules() -> int | None:
    # Asked only where the tables are there already: iptables-legacy would have them made.
    try:
        names = _LEGACY_TABLES.read_text()
    except FileNotFoundError:
        return 0
    except OSError:
        return None
    return _rules("iptables-legacy-save") if names.strip() else 0


def _rules(program: str) -> int | None:
    saved = ask(program)
    return None if saved is None else sum(entry.verb == "-A" for entry in entries(saved))
