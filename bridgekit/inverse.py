"""Operation -> the operation that takes it back, in the same place; None where nothing needs to be."""

from __future__ import annotations

from bridgekit import operations as op


def inverse(operation: op.Operation) -> op.Operation | None:
    """What takes an operation back."""
    return _links(operation) or _namespaces(operation) or _files(operation) or _rest(operation)


def _links(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.BridgeAdd(name) | op.VethAdd(name):
            return op.LinkDelete(name)
        case op.LinkSetNetns(name, netns):
            return op.LinkFetch(name, netns)
        case op.LinkRename(name, new):
            return op.LinkRename(new, name)
        case op.LinkSetMaster(name, master):
            return op.LinkSetNoMaster(name, master)
        case op.LinkSetUp(name):
            return op.LinkSetDown(name)
        case op.LinkSetAddress(name):
            return op.LinkRestoreAddress(name)
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
        case op.LineWrite(path):
            return op.FileRestore(path)
        case op.LinesSet(path, words):
            return op.LinesRestore(path, words)
        case op.HostnameSet(pid):
            return op.HostnameRestore(pid)
    return None


def _rest(operation: op.Operation) -> op.Operation | None:
    match operation:
        case op.GuestRun(runtime, guest):
            return op.GuestDelete(runtime, guest)
        case op.AddressAdd(device, address):
            return op.AddressDelete(device, address)
        case op.RouteAdd(via, _, "default"):
            return op.RouteDelete(via)
        case op.RouteAdd(via, device, destination):
            return op.RouteDelete(via, device, destination)
        case op.RuleAppend(rule) | op.RuleInsert(rule):
            return op.RuleDelete(rule)
        case op.ChainAdd(chain, table, version):
            return op.ChainDelete(chain, table, version)
        case op.PolicySet(chain, _, version):
            return op.PolicyRestore(chain, version)
        case op.SysctlSet(key):
            return op.SysctlRestore(key)
    return None
