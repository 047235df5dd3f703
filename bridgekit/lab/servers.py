"""The servers that bridgekit brings for labs, by the name that a service gives: see templates/labs/servers."""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit.translation import TEMPLATES

_FOLDER = TEMPLATES / "labs" / "servers"
_OPENSSL, _DROPBEAR = (("openssl", "openssl"),), (("dropbear", "dropbear-bin"), ("dropbearkey", "dropbear-bin"))
# To change its user it has no right in a throw-away host; what it knows stands in `args`, and it asks nobody else.
_DNSMASQ = "dnsmasq --keep-in-foreground --conf-file=/dev/null --pid-file= --user=root --group= --no-resolv --no-hosts"


@dataclass(frozen=True)
class Server:
    """A server.

    listens: its ports, PORT[/udp].  needs: the programs that it starts, each with its Debian package.
    command: before its arguments; empty: the Python file of its name, before the node's name.
    """

    listens: tuple[str, ...]
    needs: tuple[tuple[str, str], ...] = ()
    command: tuple[str, ...] = ()


SERVERS = {
    "web": Server(("80", "443"), _OPENSSL),
    "mail": Server(("25", "110", "143", "993", "995"), _OPENSSL),
    "ftp": Server(("21",)),
    "telnet": Server(("23",)),
    "ssh": Server(("22",), _DROPBEAR),
    "dns": Server(("53", "53/udp"), (("dnsmasq", "dnsmasq-base"),), (*_DNSMASQ.split(), "--log-facility=-")),
}

# A program by itself may have another name than its package, or the package may bring a service that starts by itself.
PACKAGES = {program: package for each in SERVERS.values() for program, package in each.needs}


def command(name: str, node: str, args: tuple[str, ...]) -> tuple[str, ...]:
    """The command of a server.  node: the name that it goes by, unless its arguments say another."""
    if own := SERVERS[name].command:
        return (*own, *args)
    # Nothing of a folder or of the environment is imported but what lies beside the file.
    return ("python3", "-E", "-s", "-S", "-B", str(_FOLDER / f"{name}.py"), *(args or (node,)))
