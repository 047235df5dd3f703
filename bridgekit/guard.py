"""Operation -> the check that says "already so" (for a Need: "it is so").

A check is written with the script's own words (`has`, `is`, `lacks`, ...) before a command that asks.
The same check, still true, is what allows the undo of a step; it is the name under which runs share
what they both need.  It is always asked of `ip`, whatever the dialect.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridgekit import operations as op
from bridgekit.tools import containers, files, ip, iptables, nsenter, packages, vm, vocabulary
from bridgekit.words import Argv, Text, answer, parts


@dataclass(frozen=True)
class Check:
    """words: the script's own words.  argv: the question, asked in the step's place."""

    words: Argv
    argv: Argv = ()


_PRINTS: Argv = ("has", "")


def guard(operation: op.Operation) -> Check | None:
    """The check of an operation; None where it must always be done."""
    readings = (_links, _lending, _addresses, _namespaces, _files, _rest, _packages, _engine, _publishing)
    needs = (_need, _need_free, _need_link, _need_engine, _need_files, _need_port)
    return next(filter(None, (read(operation) for read in (*readings, *needs))), None)


def _links(operation: op.Operation) -> Check | None:
    match operation:
        case op.BridgeAdd(name):
            return Check(_PRINTS, (*_link(name), "type", "bridge"))
        case op.VethAdd(name, _, home) if home != op.NetnsPath():  # on its way there it is still here
            return Check(("in_either", files.path(home), *_link(name), "type", "veth"))
        case op.VethAdd(name):
            return Check(_PRINTS, (*_link(name), "type", "veth"))
        case op.LinkSetNetns(name):
            return Check(("lacks",), _link(name))
        case op.LinkRename(_, new):
            return Check(_PRINTS, _link(new))
        case op.LinkSetMaster(name, master) | op.LinkMoveOver(name, master):
            return Check(_PRINTS, (*_link(name), "master", master))
        case op.LinkSetUp(name):
            return Check(_PRINTS, (*_link(name), "up"))
        case op.LinkSetAddress(name, address):
            return Check(("has", (" ", address, " ")), _link(name))
        case op.LinkSetMtu(name, mtu):
            return Check(("has", f" mtu {mtu} "), _link(name))
    return None


def _lending(operation: op.Operation) -> Check | None:
    match operation:
        case op.LinkLend(name):
            return Check(("is_lent", name))
        case op.VmRun(name):
            return Check(("has", "up"), vm.ask(name))
        case op.TapAdd(name):
            return Check(("has", "tun type tap "), ("ip", "-d", "link", "show", "dev", name))
        case op.LinkCopyAddress(name, source):
            return Check(("has", (" ", ip.mac_of(source), " ")), _link(name))
    return None


def _link(name: Text) -> Argv:
    return ("ip", "link", "show", "dev", name)


def _addresses(operation: op.Operation) -> Check | None:
    match operation:
        case op.AddressAdd(device, address, fresh):
            words: Argv = ("has", (f"{'inet6' if _six(address) else 'inet'} ", address, " "))
            return Check(("foreign", device, *words) if fresh else words, ("ip", "addr", "show", "dev", device))
        case op.RouteAdd(via, device, destination):
            family = "-6" if _six(via) or _six(destination) else "-4"
            # A gateway's is found through whatever interface: `route add` lets the kernel choose it.
            way = ("via", via) if via else ("dev", device)
            return Check(_PRINTS, ("ip", family, "route", "show", destination, *way))
    return None


def _six(address: Text) -> bool:
    """Whether it is of IPv6; what is captured is of IPv4."""
    return isinstance(address, str) and ":" in address


def _namespaces(operation: op.Operation) -> Check | None:
    match operation:
        case op.NetnsDirectory():
            return Check(("test", "-d", files.DIRECTORY))
        case op.NetnsAdd(name):
            return Check(("test", "-e", files.named(name)))
        case op.NetnsBind(name, pid):
            inode = answer("stat", "-L", "-c", "%i", files.of_process(pid))
            return Check(("is", inode, "stat", "-L", "-c", "%i", files.named(name)))
        case op.NetnsPrune():
            return Check(("lacks", *files.DANGLING))
        case op.NetnsLink(name, pid):
            return Check(("is", files.of_process(pid), "readlink", files.named(name)))
    return None


def _files(operation: op.Operation) -> Check | None:
    match operation:
        case op.DirectoryAdd(path):
            return Check(("test", "-d", path))
        case op.FileCopy(_, path):
            return Check(("test", "-e", path))
        case op.HostsAdd(path, address, name) | op.HostsAppend(path, address, name):
            return Check(("has_host", path, address, name))
        case op.LineWrite(path, line):
            return Check(("is", line, "cat", path))
        case op.LinesSet(path, words, lines):
            return Check(("lines_are", path, words, *lines))
        case op.HostnameSet(pid, name):
            return Check(("is", name, *nsenter.hostname(pid)))
    return None


def _rest(operation: op.Operation) -> Check | None:
    match operation:
        case op.GuestRun(runtime, guest):
            # A container that is there and does not run is not ours to start, nor to remove.
            return Check((*_PRINTS, *containers.running(runtime, guest)))
        case op.RuleAppend(rule) | op.RuleInsert(rule):
            return Check((), iptables.check(rule))
        case op.ChainAdd(chain, table, version):
            return Check((), iptables.listing(chain, table, version))
        case op.PolicySet(chain, policy, version, router):
            words: Argv = ("has", f"-P {chain} {policy}")
            return Check(("router_or", *words) if router else words, iptables.listing(chain, "filter", version))
        case op.SysctlSet(key, value):
            return Check(("is", value), ("sysctl", "-n", key))
    return None


def _engine(operation: op.Operation) -> Check | None:
    match operation:
        case op.LinkSetDown(name):
            return Check(("lacks",), (*_link(name), "up"))
        case op.BridgeDelete(name) | op.BridgeSweep(name):
            return Check(("lacks",), _link(name))
        case op.EngineStop(bridge):
            return Check(("engine_off_or_on", bridge))
        case op.EngineStart(bridge):
            return Check(("engine_on", bridge))
        case op.EngineBridgeSet(bridge):
            return Check(("engine_names", bridge))
    return None


def _need_engine(operation: op.Operation) -> Check | None:
    match operation:
        case op.NeedEngine(runtime):
            return Check(_PRINTS, (runtime, "version", "-f", "{{.Server.Version}}"))
        case op.NeedEngineRuns():
            return Check(("engine_answers",))
        case op.NeedEngineAnswer():
            return Check(("engine_settled",))
        case op.NeedContainersStop():
            return Check(("engine_lets_go",))
        case op.NeedFreeSubnet(subnet, device):
            return Check(("subnet_free", subnet, device))
        case op.NeedNoOtherAddress(device, address):
            return Check(("only_address", device, address))
    return None


def _need(operation: op.Operation) -> Check | None:
    match operation:
        case op.NeedProcess(pid):
            return Check(("test", "-e", files.of_process(pid)))
        case op.NeedNetns(name):
            return Check(("test", "-e", files.named(name)))
        case op.NeedOwnNetns(path):
            return Check(("own_netns", files.path(path)))
        case op.NeedBridge(name):
            return Check(("bridge_or_free", name))
        case op.NeedReadyBridge(name):
            return Check((*_PRINTS, *_link(name), "type", "bridge"))
        case op.NeedSubnet(variable):
            return Check(("test", "-n", variable))
    return None


def _need_free(operation: op.Operation) -> Check | None:
    match operation:
        case op.NeedNetnsName(name, pid):
            return Check(("name_or_free", files.named(name), files.of_process(pid)))
        case op.NeedPair(name, peer, path, interface, home):
            ends: Argv = ("pair_or_free", name, peer, files.path(path), interface)
            return Check(ends if home == op.NetnsPath() else (*ends, files.path(home)))
        case op.NeedDefaultRoute(path, via):
            return Check(("route_or_free", files.path(path), "-6" if _six(via) else "-4", via))
        case op.NeedValue(variable):
            return Check(("test", "-n", variable))
    return None


def _packages(operation: op.Operation) -> Check | None:
    match operation:
        case op.PackagesAdd(manager, wanted) | op.PackagesRefresh(manager, wanted):
            return Check(("all_of", manager, *wanted))
        case op.FileFetch(_, path):
            return Check(("test", "-s", path))
        case op.RepositoryTrust():
            return Check(("trusted", packages.KEY))
        case op.RepositoryAdd(distro):
            return Check((*_PRINTS, "sources_of", f"{packages.UPSTREAM}/{distro}"))
        case op.ServiceStart(name, systemd):
            return Check(("systemctl", "-q", "is-active", name) if systemd else ("service", name, "status"))
        case op.NeedDistro(distro, known):
            return Check(("is", distro, "distro_of", *known))
    return None


def _need_link(operation: op.Operation) -> Check | None:
    match operation:
        case op.NeedLink(name, ""):
            return Check(_PRINTS, _link(name))
        case op.NeedLink(name, netns):
            return Check(("in_either", files.named(netns), *_link(name)))
        case op.NeedNoPort(name, master):
            return Check(("port_or_free", name, *([master] if master else [])))
        case op.NeedOnePath(name):
            return Check(("one_path", name))
        case op.NeedVm():
            return Check((*_PRINTS, "command", "-v", "vm"))
        case op.NeedTap(name):
            return Check(("tap_or_free", name))
        case op.NeedGateway(found) | op.NeedCard(found):
            return Check(("test", "-n", found))
    return None


def _need_files(operation: op.Operation) -> Check | None:
    match operation:
        case op.NeedFile(path):
            return Check(("test", "-f", path))
        case op.NeedOwnHostname(pid):
            return Check(("own_uts", pid))
        case op.NeedProgram(program):
            return Check((*_PRINTS, "command", "-v", program))
    return None


def possible(operation: op.Operation) -> Check | None:
    """What must be so for an operation to be done at all; a host where it is not does without."""
    match operation:
        case op.ProxyRun(address=address):
            return Check(("can_proxy", address))
    return None


def _publishing(operation: op.Operation) -> Check | None:
    match operation:
        case op.LinkSetHairpin(name):
            return Check(("has", "hairpin on"), ("bridge", "-d", "link", "show", "dev", name))
        case op.ProxyRun():
            return Check((*_PRINTS, "proxies", *vocabulary.proxy(operation)))
    return None


def _need_port(operation: op.Operation) -> Check | None:
    match operation:
        case op.NeedAddress(address) | op.NeedFreeAddress(address):
            return Check(("test", "-n", address))
        case op.NeedUnpublished(protocol, address, port, destination):
            return Check(("unpublished", protocol, address, str(port), destination))
        case op.NeedUnbound(protocol, address, port, destination):
            return Check(("unbound", protocol, address, str(port), destination))
        case op.NeedSameNetns(path, other):
            return Check(("test", files.path(path), "-ef", files.path(other)))
        case op.NeedHostNetns(path):
            return Check(("test", files.path(path), "-ef", "/proc/1/ns/net"))
        case op.NeedBareNetns(path):
            return Check(("lacks", "nsenter", ("--net=", *parts(files.path(path))), "ip", "link", "show", "up", "type", "veth"))
    return None
