"""What a node has inside: addresses, routes, parameters, names that it knows, and what is kept running in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridgekit import names, operations as op
from bridgekit.lab import servers
from bridgekit.lab.topology import End, Node, Service
from bridgekit.plan import OK, Netns, Step, Steps, because, within
from bridgekit.recipes import guestfiles, nat, wiring

LISTEN_SECONDS = 8  # that a service has until it listens
_SERVICES = "/run/bridgekit-lab."


def party(node: Node) -> wiring.Party:
    """A node as a guest: its container, or its namespace."""
    suffix = "".join(letter if letter.isalnum() else "_" for letter in f"_{node.name}")
    return wiring.Party(node.guest or names.Guest("netns", node.netns), suffix)


def _in(node: Node, operation: op.Operation, note: str = "", **facts: str) -> Step:
    """An operation where the node is."""
    return within(node.netns, operation, note, **facts) if node.netns else Step(operation, note=note, facts=facts)


def addressed(node: Node) -> Steps:
    """The loopback and the interfaces are up, with their addresses."""
    if node.netns and not node.shares:
        yield within(node.netns, op.LinkSet("lo", "up"), "lo-up")
    for end in node.ends if node.kind != "bridge" else ():
        if end.mac:
            yield _in(node, op.LinkSet(end.device, "address", end.mac))
        if end.netns:
            yield from sized(end)
        if end.version == 6 and node.guest:
            yield from wiring.six_on(wiring.Wire("", "", end.device, node.netns))
        for number, address in enumerate(end.addresses):
            yield _in(node, op.AddressAdd(end.device, str(address), more=number > 0))
        if end.netns and end.device != "lo":
            yield _in(node, op.LinkSet(end.device, "up"))


def sized(end: End) -> Steps:
    """An interface with the MTU that the file says."""
    if end.mtu:
        yield Step(op.LinkSet(end.device, "mtu", str(end.mtu)), Netns(end.netns) if end.netns else None)


def routed(node: Node) -> Steps:
    for route in node.routes:
        if len(route.via) > 1:
            yield _in(node, op.RouteSpread(route.via, route.device, route.destination))
        else:
            yield _in(node, op.RouteAdd("".join(route.via), route.device, route.destination))


def settled(node: Node) -> Steps:
    """Kernel parameters, and what a router does with what is not its own."""
    for key, value in node.sysctls:
        yield within(node.netns, op.SysctlSet(key, value))
    for version in node.versions if node.forwards else ():
        yield from nat.forwarding(version, "lab-forwarding", node.netns, node=node.name)
    for device in node.masquerade:
        rule = op.Rule("POSTROUTING", "MASQUERADE", "nat", out_interface=device)
        yield within(node.netns, op.RuleAppend(rule), "lab-masquerade", node=node.name, interface=device)


def named(nodes: Iterable[Node]) -> Steps:
    """Whom nodes ask for names, and the names that they know themselves."""
    files = {node.netns: (node, found) for node in nodes if not node.guest and (found := _files(node))}
    if files:
        yield op.DirectoryAdd(guestfiles.NETNS)
    for netns, (node, found) in files.items():
        folder = f"{guestfiles.NETNS}/{netns}"
        yield op.DirectoryAdd(folder)
        for file, lines in found.items():
            made = op.FileWrite(folder, file, "".join(f"{each}\n" for each in lines))
            yield because("lab-file", made, node=node.name, file=file)
    for node in nodes:
        yield from _container_files(node)


def files(nodes: Iterable[Node]) -> Iterator[str]:
    """The files that namespaces of nodes get, by path."""
    return (f"{guestfiles.NETNS}/{node.netns}/{file}" for node in nodes if not node.guest for file in _files(node))


def _files(node: Node) -> dict[str, list[str]]:
    """The lines of a namespace's own files."""
    search = [f"search {' '.join(node.search)}"] if node.search else []
    resolv = [*(f"nameserver {each}" for each in node.nameservers), *search]
    known = [f"{address}\t{name}" for name, address in node.hosts]
    hosts = ["127.0.0.1\tlocalhost", "::1\tlocalhost", *known] if known else []
    return {file: lines for file, lines in ((guestfiles.RESOLV, resolv), (guestfiles.HOSTS, hosts)) if lines}


def _container_files(node: Node) -> Steps:
    who, guest = party(node), node.guest
    if guest is None:
        return
    resolv, hosts = bool(node.nameservers or node.search), bool(node.hosts)
    if resolv or hosts:
        wanted = {guestfiles.RESOLV: resolv, guestfiles.HOSTS: hosts}
        yield from guestfiles.locate(who, *(file for file, is_wanted in wanted.items() if is_wanted))
    if node.nameservers:
        yield from guestfiles.servers(guest, node.nameservers)
    if node.search:
        yield from guestfiles.search(guest, node.search)
    for name, address in node.hosts:
        line = op.HostsAppend(guestfiles.path(guest, guestfiles.HOSTS), address, name)
        yield because("hosts-entry", line, name=name)


def folder_of(node: Node, service: Service) -> str:
    """A service's own folder; another command, other files or another environment: another folder."""
    number = names.number(service.command, service.env, service.files)
    return f"{_SERVICES}{node.netns}.{service.name}.{number}"


def programs(service: Service) -> Iterator[tuple[str, str]]:
    """What a service starts, each with its Debian package: of its own command that may have another name."""
    program = service.command[0]
    if "/" not in program:
        yield program, op.PACKAGES.get(program) or servers.PACKAGES.get(program, program)
    yield from service.needs


def started(node: Node, service: Service) -> Steps:
    folder = folder_of(node, service)
    yield because("lab-folder", op.FolderAdd(folder), service=service.name, node=node.name)
    for name, text in service.files:
        yield because("lab-file-of", op.FileWrite(folder, name, text), file=name, service=service.name)
    made = op.ProcessStart(folder, node.netns, service.command, service.env)
    yield because("lab-service", made, service=service.name, node=node.name, words=" ".join(service.command))


def waited(node: Node, service: Service) -> Steps:
    """It runs, and listens."""
    ports = tuple(map(str, service.listens))
    folder = folder_of(node, service)
    look = op.Look("Listening", folder=folder, netns=node.netns, seconds=LISTEN_SECONDS, ports=ports)
    facts = {"service": service.name, "node": node.name, "at": ", ".join(ports)}
    yield Step(look, None, OK, "lab-listens" if ports else "lab-runs", facts)
