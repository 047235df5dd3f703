"""How many questions have arrived in a namespace.  proc_pid_net(5); RFC 4293, 4022, 4113."""

from __future__ import annotations

from pathlib import Path

from bridgekit.facts.spaces import Space

_FOUR, _SIX = "/proc/thread-self/net/snmp", "/proc/thread-self/net/snmp6"
_COUNTED = {
    ("icmp", 4): "IcmpInEchos",
    ("icmp", 6): "Icmp6InEchos",
    ("tcp", 4): "TcpPassiveOpens",
    ("tcp", 6): "TcpPassiveOpens",
    ("udp", 4): "UdpInDatagrams",
    ("udp", 6): "Udp6InDatagrams",
}


def arrived(space: Space, protocol: str, version: int) -> int:
    """Questions of a protocol (`icmp`, `tcp`, `udp`) that have arrived in a namespace; 0 if that cannot be told."""
    try:
        return counted(space.within(_text)).get(_COUNTED[protocol, version], 0)
    except OSError:
        return 0


def _text() -> str:
    return "\n".join(path.read_text() for path in map(Path, (_FOUR, _SIX)) if path.exists())


def counted(text: str) -> dict[str, int]:
    """The counters by name: those of IPv4 in pairs of lines, names and numbers, those of IPv6 one a line."""
    found: dict[str, int] = {}
    names: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        first, *words = line.split()
        if not first.endswith(":"):
            found[first] = int(words[0])
        elif names[:1] == [first]:
            found |= {first[:-1] + name: int(number) for name, number in zip(names[1:], words, strict=False)}
            names = []
        else:
            names = [first, *words]
    return found
