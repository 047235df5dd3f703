"""Operation -> the operation that takes it back, in the same place; None where nothing needs to be."""

from __future__ import annotations

from bridgekit import operations as op


def inverse(operation: op.Operation) -> op.Operation | None:
    """What takes an operation back."""
    readings = (_links, _attributes, _namespaces, _addresses, _files, _rest, _engine, _packages)
    return next(filter(None, (read(operation) for read in readings)), None)


def _links(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.BridgeAdd(name) | op.VethAdd(name) | op.TapAdd(name):
            return op.LinkDelete(name)
        case op.BridgeDelete(name):
            return op.BridgeRestore(name)
        case op.LinkSetNetns(name, netns):
            return op.LinkFetch(name, netns)
        case op.LinkLend(name, netns):
            return op.LinkReturn(name, netns)
        case op.LinkMoveOver(name, master):
            return op.LinkMoveBack(name, master)
        case op.LinkRename(name, new):
            return op.LinkRename(new, name)
        case op.LinkSetMaster(name, master):
            return op.LinkSetNoMaster(name, master)
    return None


def _attributes(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.LinkSetUp(name):
            return op.LinkSetDown(name)
        case op.LinkSetDown(name):
            return op.LinkSetUp(name)
        case op.LinkSetAddress(name) | op.LinkCopyAddress(name) | op.LinkSetOwnAddress(name):
            return op.LinkRestoreAddress(name)
        case op.LinkSetHairpin(name):
            return op.LinkUnsetHairpin(name)
        case op.LinkSetMtu(name):
            return op.LinkRestoreMtu(name)
    return None


def _namespaces(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.NetnsAdd(name):
            return op.NetnsDelete(name)
        case op.NetnsBind(name):
            return op.NetnsUnbind(name)
        case op.NetnsLink(name):
            return op.NetnsUnlink(name)
        case op.NetnsPrune():
            return op.NetnsRelink()
    return None


def _files(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.DirectoryAdd(path):
            return op.DirectoryDelete(path)
        case op.FileCopy(_, path):
            return op.FileDelete(path)
        case op.HostsAdd(path, address, name):
            return op.HostsRemove(path, address, name)
        case op.HostsAppend(path, address, names):
            return op.HostsRemove(path, address, names)
        case op.LineWrite(path):
            return op.FileRestore(path)
        case op.LinesSet(path, words):
            return op.LinesRestore(path, words)
        case op.HostnameSet(pid):
            return op.HostnameRestore(pid)
    return None


def _addresses(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.AddressAdd(device, address):
            return op.AddressDelete(device, address)
        case op.RouteAdd(via, _, "default"):
            return op.RouteDelete(via)
        case op.RouteAdd(via, device, destination):
            return op.RouteDelete(via, device, destination)
    return None


def _rest(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.GuestRun(runtime, guest):
            return op.GuestDelete(runtime, guest)
        case op.VmRun(name):
            return op.VmStop(name)
        case op.RuleAppend(rule) | op.RuleInsert(rule):
            return op.RuleDelete(rule)
        case op.ChainAdd(chain, table, version):
            return op.ChainDelete(chain, table, version)
        case op.PolicySet(chain, _, version):
            return op.PolicyRestore(chain, version)
        case op.ProxyRun(protocol, address, port, to, to_port):
            return op.ProxyStop(protocol, address, port, to, to_port)
        case op.SysctlSet(key):
            return op.SysctlRestore(key)
        case op.RoutersKeep():
            return op.RoutersForget()
    return None


def _engine(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.EngineStop():
            return op.EngineRevive()
        case op.EngineStart(bridge):
            return op.EngineStop(bridge)
        case op.EngineBridgeSet(bridge):
            return op.EngineBridgeUnset(bridge)
    return None


def _packages(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.PackagesAdd(manager, packages):
            return op.PackagesDrop(manager, packages)
        case op.FileFetch(_, path):
            return op.FileDelete(path)
        case op.RepositoryTrust():
            return op.RepositoryDistrust()
        case op.RepositoryAdd(distro):
            return op.RepositoryDelete(distro)
        case op.ServiceStart(name, systemd):
            return op.ServiceStop(name, systemd)
    return None
