"""Looking: what changes nothing."""

from __future__ import annotations

from bridgekit.operations.base import KINDS, Operation, Question, operation
from bridgekit.words import Text

_LOOKS = {
    "AddressList": "ip addr",
    "AddressShow": "ip addr show [{device}]",
    "InterfaceShow": "ip addr show {name}",  # its address and counters
    "LinkShow": "ip -d link show",
    "GuestLinkShow": "nsenter -t `{runtime} inspect --format '{{.State.Pid}}' {guest}` -n ip -d link show",
    "BridgeShow": "bridge link",
    "RouteShow": "ip route",
    "RouteGet": "ip route get {address}",
    "NeighbourShow": "ip neigh show {address}",
    "NetnsList": "ip netns ls",
    "NetnsPids": "ip netns pids {name}",
    "NetnsCompare": "test {path} -ef {other}",
    "GuestList": "{runtime} ps",
    "NetworkList": "{runtime} network ls",
    "NetworkInspect": "{runtime} network inspect {network}",
    "EngineBridgeShow": """docker network inspect -f '{{index .Options "com.docker.network.bridge.name"}}' bridge""",
    "EngineVersion": "docker version",
    "ImageList": "docker images",
    "HelloRun": "docker run --rm hello-world",
    "FileShow": "cat {path}",
    "FilesCompare": "cmp {path} {other}",
    "MountsShow": "mount",
    "HostnameShow": "hostname",
    "KernelShow": "uname -r",
    "Listening": "listening {folder} {netns} {seconds} {ports...}",  # PORT/PROTOCOL; waited for
    "Traceroute": "busybox traceroute -n -q 1 -w 2 {address}",  # an address or a name
    "Login": "timeout 3 dbclient -y -y -T -p {port} lab@{address}",  # at a lab's SSH server, which tells its addresses
}


class Look(Question):
    """Look at something."""

    QUESTIONS = _LOOKS

    @property
    def line(self) -> str:
        return self.question

    @property
    def entry(self) -> str:
        return self.what


KINDS["Look"] = Look


@operation
class Ping(Operation):
    """Send echo requests until one is answered, for so many seconds; from this address, if one is given.

    In words that busybox takes, too.  man 8 ping.
    """

    address: Text
    seconds: int = 3
    source: str = ""
    line = "ping -c 1 -w {seconds} [-I {source}] {address}"


@operation
class Fetch(Operation):
    """Ask a web server for its page, for so many seconds.  man 1 wget."""

    address: Text
    port: Text = "80"
    seconds: int = 2
    line = "timeout {seconds} wget -q -O - http://{address}:{port}/"


@operation
class Lookup(Operation):
    """Look up the address of a name, as programs do, for so many seconds.  man 1 getent."""

    name: str
    seconds: int = 2
    line = "timeout {seconds} getent hosts {name}"
