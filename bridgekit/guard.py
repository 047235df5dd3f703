"""Operation -> the check that says "already so" (for a Need: "it is so").

A check is written with the script's own words (`has`, `is`, `lacks`, ...) before a command that asks.
The same check, still true, is what allows the undo of a step; it is the name under which runs share
what they both need.  It is always asked of `ip`, whatever the dialect.
"""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.need import need
from bridgekit.tools import containers, files, ip, iptables, nsenter, packages, vm, vocabulary
from bridgekit.words import PRINTS, Argv, Check, answer


def guard(operation: op.Operation) -> Check | None:
    """The check of an operation; None where it must always be done."""
    readings = (_links, _lending, _addresses, _namespaces, _files, _rest, _packages, _engine, _publishing)
    return need(operation) or next(filter(None, (read(operation) for read in readings)), None)


def _links(operation: op.Operation) -> Check | None:
    match operation:
        case op.BridgeAdd(name):
            return Check(PRINTS, (*ip.link(name), "type", "bridge"))
        case op.VethAdd(name, _, home) if home != op.NetnsPath():  # on its way there it is still here
            return Check(("in_either", files.path(home), *ip.link(name), "type", "veth"))
        case op.VethAdd(name):
            return Check(PRINTS, (*ip.link(name), "type", "veth"))
        case op.LinkSetNetns(name):
            return Check(("lacks",), ip.link(name))
        case op.LinkRename(_, new):
            return Check(PRINTS, ip.link(new))
        case op.LinkSetMaster(name, master) | op.LinkMoveOver(name, master):
            return Check(PRINTS, (*ip.link(name), "master", master))
        case op.LinkSetUp(name):
            return Check(PRINTS, (*ip.link(name), "up"))
        case op.LinkSetAddress(name, address):
            return Check(("has", (" ", address, " ")), ip.link(name))
        case op.LinkSetMtu(name, mtu):
            return Check(("has", f" mtu {mtu} "), ip.link(name))
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
            return Check(("has", (" ", ip.mac_of(source), " ")), ip.link(name))
    return None


def _addresses(operation: op.Operation) -> Check | None:
    match operation:
        case op.AddressAdd(device, address, fresh):
            words: Argv = ("has", (f"{'inet6' if ip.six(address) else 'inet'} ", address, " "))
            return Check(("foreign", device, *words) if fresh else words, ("ip", "addr", "show", "dev", device))
        case op.RouteAdd(via, device, destination):
            family = "-6" if ip.six(via) or ip.six(destination) else "-4"
            # A gateway's is found through whatever interface: `route add` lets the kernel choose it.
            way = ("via", via) if via else ("dev", device)
            return Check(PRINTS, ("ip", family, "route", "show", destination, *way))
    return None


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
            return Check((*PRINTS, *containers.running(runtime, guest)))
        case op.RuleAppend(rule) | op.RuleInsert(rule):
            return Check((), iptables.check(rule))
        case op.ChainAdd(chain, table, version):
            return Check((), iptables.listing(chain, table, version))
        case op.PolicySet(chain, policy, version, router):
            words: Argv = ("has", f"-P {chain} {policy}")
            return Check(("router_or", *words) if router else words, iptables.listing(chain, "filter", version))
        case op.SysctlSet(key, value):
            return Check(("is", value), ("sysctl", "-n", key))
        case op.RoutersKeep():
            return Check(("lacks",), ("told_by_routers",))
    return None


def _engine(operation: op.Operation) -> Check | None:
    match operation:
        case op.LinkSetDown(name):
            return Check(("lacks",), (*ip.link(name), "up"))
        case op.BridgeDelete(name) | op.BridgeSweep(name):
            return Check(("lacks",), ip.link(name))
        case op.EngineStop(bridge):
            return Check(("engine_off_or_on", bridge))
        case op.EngineStart(bridge):
            return Check(("engine_on", bridge))
        case op.EngineBridgeSet(bridge):
            return Check(("engine_names", bridge))
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
            return Check((*PRINTS, "sources_of", f"{packages.UPSTREAM}/{distro}"))
        case op.ServiceStart(name, systemd):
            return Check(("systemctl", "-q", "is-active", name) if systemd else ("service", name, "status"))
    return None


def possible(operation: op.Operation) -> Check | None:
    """What must be so for an operation to be done at all; a host where it is not does without."""
    match operation:
        case op.ProxyRun(address=address):
            return Check(("can_proxy", address))
    return None


def _publishing(operation: op.Operation) -> Check | None:
    match operation:
        case op.LinkSetOwnAddress(name):
            return Check(("foreign", name, "has", " 02:42:"), ip.link(name))
        case op.LinkSetHairpin(name):
            return Check(("has", "hairpin on"), ("bridge", "-d", "link", "show", "dev", name))
        case op.ProxyRun():
            return Check((*PRINTS, "proxies", *vocabulary.proxy(operation)))
    return None
