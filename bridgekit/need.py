"""Need -> the check that says "it is so", in the script's own words before a command that asks."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.tools import files, ip, sysctl
from bridgekit.words import PRINTS, Argv, Check, parts


def need(operation: op.Operation) -> Check | None:
    """The check of a condition of the host; None for an operation that is none."""
    if not isinstance(operation, op.Need):
        return None
    readings = (_guests, _free, _links, _engine, _files, _ports)
    return next(filter(None, (read(operation) for read in readings)), None)


def _engine(operation: op.Need) -> Check | None:
    match operation:
        case op.NeedEngine(runtime):
            return Check(PRINTS, (runtime, "version", "-f", "{{.Server.Version}}"))
        case op.NeedEngineRuns():
            return Check(("engine_answers",))
        case op.NeedEngineAnswer():
            return Check(("engine_settled",))
        case op.NeedContainersStop():
            return Check(("engine_lets_go",))
        case op.NeedFreeSubnet(subnet, devices):
            return Check(("subnet_free", subnet, *devices))
        case op.NeedNoOtherAddress(device, address):
            return Check(("only_address", device, address))
    return None


def _guests(operation: op.Need) -> Check | None:
    match operation:
        case op.NeedProcess(pid):
            return Check(("test", "-e", files.of_process(pid)))
        case op.NeedNetns(name):
            return Check(("test", "-e", files.named(name)))
        case op.NeedOwnNetns(path):
            return Check(("own_netns", files.path(path)))
        case op.NeedBridgeFilter():
            return Check(("test", "-e", sysctl.path("net.bridge.bridge-nf-call-iptables")))
        case op.NeedBridge(name):
            return Check(("bridge_or_free", name))
        case op.NeedReadyBridge(name) | op.NeedNetwork(name):
            return Check((*PRINTS, *ip.link(name), "type", "bridge"))
        case op.NeedSubnet(variable):
            return Check(("test", "-n", variable))
    return None


def _free(operation: op.Need) -> Check | None:
    match operation:
        case op.NeedNetnsName(name, pid):
            return Check(("name_or_free", files.named(name), files.of_process(pid)))
        case op.NeedPair(name, peer, path, interface, home):
            ends: Argv = ("pair_or_free", name, peer, files.path(path), interface)
            return Check(ends if home == op.NetnsPath() else (*ends, files.path(home)))
        case op.NeedDefaultRoute(path, via):
            return Check(("route_or_free", files.path(path), "-6" if ip.six(via) else "-4", via))
        case op.NeedValue(variable):
            return Check(("test", "-n", variable))
    return None


def _links(operation: op.Need) -> Check | None:
    match operation:
        case op.NeedLink(name, ""):
            return Check(PRINTS, ip.link(name))
        case op.NeedLink(name, netns):
            return Check(("in_either", files.named(netns), *ip.link(name)))
        case op.NeedNoPort(name, master):
            return Check(("port_or_free", name, *([master] if master else [])))
        case op.NeedOnePath(name):
            return Check(("one_path", name))
        case op.NeedVm():
            return Check((*PRINTS, "command", "-v", "vm"))
        case op.NeedTap(name):
            return Check(("tap_or_free", name))
        case op.NeedGateway(found) | op.NeedCard(found):
            return Check(("test", "-n", found))
    return None


def _files(operation: op.Need) -> Check | None:
    match operation:
        case op.NeedFile(path):
            return Check(("test", "-f", path))
        case op.NeedDistro(distro, known):
            return Check(("is", distro, "distro_of", *known))
        case op.NeedOwnHostname(pid):
            return Check(("own_uts", pid))
        case op.NeedProgram(program):
            return Check((*PRINTS, "command", "-v", program))
    return None


def _ports(operation: op.Need) -> Check | None:
    match operation:
        case op.NeedAddress(address) | op.NeedFreeAddress(address) | op.NeedPort(address):
            return Check(("test", "-n", address))
        case op.NeedUnpublished(protocol, address, port, destination):
            return Check(("unpublished", protocol, address, str(port), destination))
        case op.NeedUnbound(protocol, address, port, destination):
            return Check(("unbound", protocol, address, str(port), destination))
        case op.NeedBareNetns(path):
            inside: Argv = ("nsenter", ("--net=", *parts(files.path(path))))
            return Check(("lacks", *inside, "ip", "-o", "addr", "show", "scope", "global"))
    return None
