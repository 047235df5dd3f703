"""`ip` of iproute2: links, addresses, routes, named namespaces.  man 8 ip, ip-link, ip-address, ip-route, ip-netns."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Answer, Argv, Pipeline, Text

PROGRAMS = {"ip": "iproute2", "bridge": "iproute2", "ss": "iproute2", "nsenter": "util-linux"}


def build(operation: op.Operation) -> Argv | None:
    """The `ip` command of an operation."""
    return (
        _links(operation)
        or _attributes(operation)
        or _addresses(operation)
        or _namespaces(operation)
        or _looks(operation)
    )


def _links(operation: op.Operation) -> Argv | None:
    match operation:
        case op.BridgeAdd(name):
            return ("ip", "link", "add", "name", name, "type", "bridge")
        case op.VethAdd(name, peer, _, queue):
            length = ("txqueuelen", queue) if queue else ()
            return ("ip", "link", "add", "name", name, *length, "type", "veth", "peer", "name", peer, *length)
        case op.LinkDelete(name) | op.BridgeDelete(name) | op.BridgeSweep(name):
            return ("ip", "link", "del", "dev", name)
        case op.TapAdd(name):
            return ("ip", "tuntap", "add", "dev", name, "mode", "tap")
        case op.LinkSetNetns(name, netns) | op.LinkLend(name, netns):
            return ("ip", "link", "set", name, "netns", netns)
        case op.LinkRename(name, new):
            return ("ip", "link", "set", name, "name", new)
        case op.LinkSetOwnAddress(name):
            random = Answer((("od", "-An", "-N4", "-tx1", "/dev/urandom"), ("tr", " ", ":")))
            return ("ip", "link", "set", name, "address", ("02:42", random))
        case op.LinkSetHairpin(name):
            return ("bridge", "link", "set", "dev", name, "hairpin", "on")
        case op.LinkUnsetHairpin(name):
            return ("bridge", "link", "set", "dev", name, "hairpin", "off")
    return None


def _attributes(operation: op.Operation) -> Argv | None:
    match operation:
        case op.LinkSetMaster(name, master):
            return ("ip", "link", "set", name, "master", master)
        case op.LinkSetNoMaster(name):
            return ("ip", "link", "set", name, "nomaster")
        case op.LinkSetUp(name):
            return ("ip", "link", "set", name, "up")
        case op.LinkSetDown(name):
            return ("ip", "link", "set", name, "down")
        case op.LinkSetAddress(name, address):
            return ("ip", "link", "set", name, "address", address)
        case op.LinkCopyAddress(name, source):
            return ("ip", "link", "set", name, "address", mac_of(source))
        case op.LinkSetMtu(name, mtu):
            return ("ip", "link", "set", name, "mtu", str(mtu))
        case op.LinkRestoreAddress(name):
            return ("ip", "link", "set", name, "address", mac_of(name))
        case op.LinkRestoreMtu(name):
            return ("ip", "link", "set", name, "mtu", _shown(name, "mtu"))
    return None


def six(address: Text) -> bool:
    """Whether an address is of IPv6; one that is captured is of IPv4."""
    return isinstance(address, str) and ":" in address


def link(name: Text) -> Argv:
    """The command that shows a link."""
    return ("ip", "link", "show", "dev", name)


def mac_of(name: Text) -> Answer:
    """The MAC address that an interface has when it is asked."""
    return _shown(name, "link/[a-z]*")


def _shown(name: Text, label: str) -> Answer:
    """The word that follows a label in what `ip` says of a link."""
    return Answer((("ip", "-o", "link", "show", "dev", name), ("sed", f"s|.* {label} \\([^ ]*\\) .*|\\1|")))


def _addresses(operation: op.Operation) -> Argv | None:
    match operation:
        case op.AddressAdd(device, address) if six(address):
            return ("ip", "addr", "add", address, "dev", device, "nodad")
        case op.AddressAdd(device, str(address)) if address.endswith(("/31", "/32")):
            return ("ip", "addr", "add", address, "dev", device)
        case op.AddressAdd(device, address):
            return ("ip", "addr", "add", address, "brd", "+", "dev", device)
        case op.AddressShow(device):
            return ("ip", "addr", "show", *([device] if device else []))
        case op.AddressDelete(device, address):
            return ("ip", "addr", "del", address, "dev", device)
        case op.RouteAdd(via, device, destination):
            return ("ip", "route", "add", *_route(via, device, destination))
        case op.RouteDelete(via, device, destination):
            return ("ip", "route", "del", *_route(via, device, destination))
    return None


def _route(via: Text, device: str, destination: str) -> Argv:
    return (destination, *(("via", via) if via else ()), *(("dev", device) if device else ()))


def build_003(operation: op.Operation) -> Argv | None:
    """What document 003 words in another way."""
    match operation:
        case op.VethAdd(name, peer, queue=""):
            return ("ip", "link", "add", name, "type", "veth", "peer", "name", peer)
        case op.LinkRename(name, new):
            return ("ip", "link", "set", "dev", name, "name", new)
        case op.AddressAdd(device, address) if not six(address):
            return ("ip", "addr", "add", address, "dev", device)
        case op.RouteAdd(via, _, destination) if via:
            return ("ip", "route", "add", destination, "via", via)
    return None


def _namespaces(operation: op.Operation) -> Argv | None:
    match operation:
        case op.NetnsAdd(name):
            return ("ip", "netns", "add", name)
        case op.NetnsDelete(name):
            return ("ip", "netns", "del", name)
        case op.NetnsList():
            return ("ip", "netns", "ls")
        case op.NetnsPids(name):
            return ("ip", "netns", "pids", name)
        case op.RouteGet(address):
            return ("ip", "route", "get", address)
        case op.NeighbourShow(address):
            return ("ip", "neigh", "show", address)
    return None


def _looks(operation: op.Operation) -> Argv | None:
    match operation:
        case op.AddressList():
            return ("ip", "addr")
        case op.BridgeShow():
            return ("bridge", "link")
        case op.InterfaceShow(name):
            return ("ip", "addr", "show", name)
        case op.LinkShow():
            return ("ip", "-d", "link", "show")
        case op.GuestLinkShow(runtime, guest):
            pid = Answer(((runtime, "inspect", "--format", "{{.State.Pid}}", guest),), backticks=True)
            return ("nsenter", "-t", pid, "-n", "ip", "-d", "link", "show")
        case op.RouteShow():
            return ("ip", "route")
    return None


def build_own_bridge(operation: op.Operation) -> Argv | None:
    """What document 003 words in yet another way where it makes its own bridge."""
    match operation:
        case op.LinkSetUp(name):
            return ("ip", "link", "set", "dev", name, "up")
        case op.LinkSetDown(name):
            return ("ip", "link", "set", "dev", name, "down")
    return None


def question(operation: op.Operation) -> Pipeline | None:
    """The pipeline whose output a capturing operation keeps."""
    match operation:
        case op.CaptureSubnet(device=device):
            return (
                ("ip", "-4", "route", "show", "dev", device, "proto", "kernel", "scope", "link"),
                ("sed", "-n", "1s/ .*//p"),
            )
        case op.CaptureHome(bridge=bridge):
            return (
                ("ip", "-4", "-o", "addr", "show", "dev", bridge, "scope", "global"),
                ("sed", "-n", r"1s/.* inet \([^ ]*\) .*/\1/p"),
            )
        case op.CaptureLinkIndex(name=name):
            return (("ip", "-o", "link", "show", "dev", name), ("sed", "s/:.*//"))
        case op.CaptureUplink(version=version):
            return (
                ("ip", f"-{version}", "route", "show", "default"),
                ("sed", "-n", r"1s/.* dev \([^ ]*\).*/\1/p"),
            )
        case op.CaptureGateway(nic=nic, bridge=bridge, version=version):
            # The first one, reading to the end: to quit could kill `ip`, and with it the script.
            by = ("/ dev (", nic, f"|{bridge}) /{{s/.* via ([^ ]*) .*/\\1/p;:a;n;ba}}")
            return (("ip", f"-{version}", "route", "show", "default"), ("sed", "-nE", by))
    return None


def within(argv: Argv, netns: Text) -> Argv:
    """The same `ip` command, in a named namespace: `ip -n NETNS ...`."""
    return ("ip", "-n", netns, *argv[1:])


def execute(argv: Argv, netns: Text) -> Argv:
    """Any command, in a named namespace: `ip netns exec NETNS ...`."""
    return ("ip", "netns", "exec", netns, *argv)
