"""The one-line functions that a rendered script defines for what no program does in one command."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.tools import files
from bridgekit.words import Answer, Argv, Pipeline, Text, answer

PROGRAMS: dict[str, str] = {}
EXPORTED = ("forwarding", "restore", "told_by_routers", "keep_routers")  # also for a bash inside a namespace


def build(operation: op.Operation) -> Argv | None:
    """The function call of an operation."""
    return _links(operation) or _files(operation) or _engine(operation) or _proxies(operation)


def _links(operation: op.Operation) -> Argv | None:
    match operation:
        case op.LinkFetch(name, netns):
            return ("fetch", name, netns)
        case op.NetnsRelink():
            return ("relink", answer("dangling"))
        case op.LinkReturn(name, netns):
            return ("bring_back", name, netns, answer("habits", name), answer("furniture", name))
        case op.LinkMoveOver(name, master):
            return ("move_over", name, master)
        case op.LinkMoveBack(name, master):
            return ("move_back", name, master, answer("furniture", name))
        case op.BridgeRestore(name):
            return ("remake", answer("made_of", name))
        case op.RoutersKeep():
            return ("keep_routers",)
        case op.RoutersForget():
            return ("restore", answer("told_by_routers"))
    return None


def _engine(operation: op.Operation) -> Argv | None:
    match operation:
        case op.EngineRevive():
            return ("engine_revive",)
        case op.EngineBridgeUnset(bridge):
            accepts = answer("sysctl", "-n", "-e", f"net/ipv6/conf/{bridge}/accept_ra")
            return ("engine_unset", bridge, answer("engine_files"), accepts)
    return None


def _files(operation: op.Operation) -> Argv | None:
    match operation:
        case op.HostsAdd(path, address, name):
            return ("add_host", path, address, name)
        case op.HostsAppend(path, address, names):
            return ("append_host", path, address, names)
        case op.HostsRemove(path, address, name):
            return ("drop_host", path, address, name)
        case op.LineWrite(path, line):
            return ("put_line", path, line)
        case op.FileRestore(path):
            return ("put", path, _bytes(path))
        case op.LinesSet(path, words, lines):
            return ("set_lines", path, words, *lines)
        case op.LinesRestore(path, words):
            return ("put_lines_back", path, words, _bytes(path))
    return None


def question(operation: op.Operation) -> Pipeline | None:
    """The call whose output a capturing operation keeps."""
    match operation:
        case op.CaptureCard(bridge=bridge, version=version):
            return (("card_behind", bridge, f"-{version}"),)
        case op.CaptureFreeAddress(_, bridge, home, pool, path, interface, kept):
            return (("free_address", home, bridge, files.path(path), interface, pool, *kept),)
        case op.CaptureAlone(_, cidr):
            return (("bare_address", cidr),)
        case op.CaptureHostGateway(_, usual, bridge):
            return (("host_gateway", usual, bridge),)
        case op.CaptureMac(_, address):
            return (("as_mac", address),)
        case op.CaptureOnBridge(_, bridge, path):
            return (("on_bridge", bridge, files.path(path)), ("sed", "-n", "1s|/.*||p"))
        case op.CapturePort(_, bridge, path):
            return (("port_of", bridge, files.path(path)),)
        case op.CaptureFreePort(_, protocol, address, low, high, destination, taken):
            return (("free_port", protocol, address, str(low), str(high), destination, *taken),)
    return None


def proxy(operation: op.ProxyRun | op.ProxyStop) -> Argv:
    """The arguments of docker-proxy."""
    host = ("-host-ip", operation.address, "-host-port", operation.port)
    guest = ("-container-ip", operation.to, "-container-port", str(operation.to_port))
    return ("-proto", operation.protocol, *host, *guest)


def _proxies(operation: op.Operation) -> Argv | None:
    match operation:
        case op.ProxyRun():
            return ("start_proxy", *proxy(operation))
        case op.ProxyStop():
            return ("stop_proxy", *proxy(operation))
    return None


def _bytes(path: Text) -> Answer:
    """A file as it is now, in letters."""
    return answer("base64", "-w", "0", path)
