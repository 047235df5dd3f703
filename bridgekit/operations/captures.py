"""What is known only when the script runs: it is asked, and kept in a variable."""

from __future__ import annotations

from bridgekit.operations.base import KINDS, Given, Question
from bridgekit.words import Var

_INSPECT = "{runtime} inspect -f"
_IN_SYSFS = "{runtime} exec {guest} cat /sys/class/net/{interface}"  # what a container's own /sys says of a link
_CAPTURES = {
    # A container, by its engine.  fact: as the engine calls it, `IPAddress`, `Gateway`; key: `HostsPath` and the like.
    "Pid": f"{_INSPECT} '{{{{.State.Pid}}}}' {{guest}}",
    "LxcPid": "lxc-info -n {guest} -p -H",
    "Id": f"{_INSPECT} '{{{{.Id}}}}' {{guest}}",
    "NetworkFact": f"{_INSPECT} '{{{{range .NetworkSettings.Networks}}}}{{{{.{{fact}}}}}}{{{{end}}}}' {{guest}}",
    "File": f"{_INSPECT} '{{{{.{{key}}}}}}' {{guest}}",
    "Index": f"{_IN_SYSFS}/ifindex",
    "HostEnd": rf"ip -o link | sed -n 's/^'$({_IN_SYSFS}/iflink)': \([^@]*\)@.*/\1/p'",
    # A guest may say anything; what cannot be in a name is left out, so that it is one line, and no option.
    "Hostname": "nsenter --target {pid} --uts hostname | sed -n '1{s/[^A-Za-z0-9._-]//g; s/^-*//p}'",
    # The first that others can reach, or nothing; awk reads on, so that no pipe breaks.
    "Address": "nsenter --net={path} ip -o addr show scope global"
    """ | awk '$2 != "lo" && !found++ { sub("/.*", "", $4); print $4 }'""",
    # Links and routes of the host.
    "Mtu": "mtu_of {name}",  # of a link, or Ethernet's
    "LinksOfMac": "links_of_mac {mac}",
    "CardOfMac": "card_of_mac {mac}",
    "LinkMac": "ip -o link show dev {name} | sed 's|.* link/[a-z]* \\([^ ]*\\) .*|\\1|'",
    "OwnSix": "ip -6 -o addr show dev {device} scope global | sed -n '1s|.* inet6 \\([^ /]*\\).*|\\1|p'",
    "OwnAddress": "ip -4 -o addr show dev {device} scope global | sed -n '1s|.* inet \\([^ /]*\\).*|\\1|p'",
    "LinkIndex": "ip -o link show dev {name} | sed 's/:.*//'",
    "Subnet": "ip -4 route show dev {device} proto kernel scope link | sed -n '1s/ .*//p'",
    "Uplink": r"ip -{version} route show default | sed -n '1s/.* dev \([^ ]*\).*/\1/p'",
    "Card": "card_behind {bridge} -{version}",  # the default route's, also after it became a port of this bridge
    # The first one, reading to the end: to quit could kill `ip`, and with it the script.
    "Gateway": "ip -{version} route show default"
    r" | sed -nE '/ dev ('{nic}'|'{bridge}') /{s/.* via ([^ ]*) .*/\1/p;:a;n;ba}'",
    "DhcpClient": "dhcp_client {clients...}",  # the first of these that the host has
    # An engine's network.  home: the bridge's own address, CIDR: its containers' gateway and their subnet.
    "Home": r"ip -4 -o addr show dev {bridge} scope global | sed -n '1s/.* inet \([^ ]*\) .*/\1/p'",
    "HostGateway": "host_gateway {usual} {bridge}",  # the host's address on the first of these that has one
    # The guest's own, or the lowest (highest) free one of the pool; empty: of all of the bridge's.  kept: taken.
    "FreeAddress": "free_address {home} {bridge} {path} {interface} {pool} [{kept...}]",
    "HighestAddress": "highest_address {home} {bridge} {path} {interface} {pool} [{kept...}]",
    "Alone": "bare_address {cidr}",
    "Mac": "as_mac {address}",
    "OnBridge": "on_bridge {bridge} {path} | sed -n '1s|/.*||p'",
    "Port": "port_of {bridge} {path}",  # the bridge's that leads to the guest
    # The one that leads there already, or the lowest free; low, high 0: among those that the kernel gives to programs.
    "FreePort": "free_port {protocol} {address} {low} {high} {destination} [{taken...}]",
}


class Capture(Question):
    """Learn something that is known only when the script runs, and keep it in a variable."""

    variable: Var
    QUESTIONS = _CAPTURES
    OVERRIDDEN = ("Uplink", "Card", "Gateway")  # a variable of the environment answers instead, if it is set

    def __init__(self, variable: Var, what: str, **values: Given) -> None:
        vars(self)["variable"] = variable
        super().__init__(what, **values)

    @property
    def override(self) -> str:
        """The variable of the environment that answers instead, if there is one: `UPLINK` for `uplink`."""
        return self.variable.name.upper() if self.what in self.OVERRIDDEN else ""

    @property
    def entry(self) -> str:
        return f"Capture{self.what}"


KINDS["Capture"] = Capture
