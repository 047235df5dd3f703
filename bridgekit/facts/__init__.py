"""What IS: short questions to `ip`, `iptables-save`, `sysctl` and the engines, as typed data.

The only room that uses subprocess.  Nothing here changes the machine.
"""

from bridgekit.facts.picture import Bridge, End, Firewall, Interface, Picture, picture
from bridgekit.facts.state import changes, digest, snapshot

__all__ = ["Bridge", "End", "Firewall", "Interface", "Picture", "changes", "digest", "picture", "snapshot"]
