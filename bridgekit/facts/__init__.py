"""What IS: short questions to `ip`, `iptables-save`, `sysctl` and the engines, as typed data.

The only room that uses subprocess.  Nothing here changes the machine, but that `neighbours.forget` takes back what
questions left.
"""

from bridgekit.facts.networks import Member, Network, Networks, Ports, networks
from bridgekit.facts.picture import USUAL_MTU, Bridge, End, Guest, Interface, Part, Picture, picture
from bridgekit.facts.rulesets import Firewall, Ruleset
from bridgekit.facts.stale import Stale
from bridgekit.facts.state import changes, digest, snapshot
from bridgekit.facts.wires import Wire, wires

__all__ = [
    "USUAL_MTU",
    "Bridge",
    "End",
    "Firewall",
    "Guest",
    "Interface",
    "Member",
    "Network",
    "Networks",
    "Part",
    "Picture",
    "Ports",
    "Ruleset",
    "Stale",
    "Wire",
    "changes",
    "digest",
    "networks",
    "picture",
    "snapshot",
    "wires",
]
