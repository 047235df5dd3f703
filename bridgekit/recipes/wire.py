"""What `docker run` does to the network for one container."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.names import ports
from bridgekit.plan import Steps
from bridgekit.recipes import linking, modes, naming, networks, wired, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("wire-{guest}-{network}", document="003")
def wire(
    guest: Annotated[str, "NAME (a Docker container started with --net=none), podman:NAME, pid:N or netns:NAME", GUEST],
    *,
    network: Annotated[
        str, "bridge (docker0's), the NAME of another, none, host or container:OTHER", modes.NETWORK
    ] = "bridge",
    ip: Annotated[str | None, "its address; default: the lowest that is free"] = None,
    highest: Annotated[bool, "take the highest that is free; default where an engine made the network"] = False,
    mac: Annotated[str | None, "its MAC address; default: made of the address"] = None,
    publish: Annotated[list[str] | None, "[ADDRESS:][HOST-PORT:]PORT[/udp]; again for more", "-p"] = None,
    publish_all: Annotated[bool, "publish every exposed port at a free one of the host", "-P"] = False,
    expose: Annotated[list[str] | None, "PORT[/udp] that it offers to links; again for more"] = None,
    link: Annotated[
        list[str] | None, "OTHER[:ALIAS[:PORT,...]]: it may ask OTHER; again for more", linking.LINKED
    ] = None,
    dns: Annotated[list[str] | None, "a name server that it asks; again for more"] = None,
    dns_search: Annotated[list[str] | None, "a domain in which it looks for short names; again for more"] = None,
    hostname: Annotated[str | None, "its own name", "-h"] = None,
    add_host: Annotated[list[str] | None, "NAME:IP, or NAME:host-gateway; again for more"] = None,
    interface: Annotated[str, "the interface's name inside"] = "eth0",
    made_by: Annotated[str | None, "the command that made the network; default: that of the run in force here"] = None,
) -> Steps:
    """Give one guest its network as `docker run` does: address, ports, links, names.

    Raises InputError.  Source: sequences 003.steps, 003.options, 003.dns; man 1 docker-run.
    """
    party = wiring.Party(names.guest(guest))
    wanted = naming.naming(hostname, dns, dns_search, add_host)
    offered = [port for text in expose or () for port in ports.ports(text)]
    specs = ports.publications(publish or ())
    if publish_all:
        specs = ports.few([*specs, *map(ports.Publication, offered)])
    links = linking.links(link or ())
    if modes.is_mode(network):
        given = {
            "--publish": specs,
            "--link": links,
            "--mac": mac,
            "--ip": ip,
            "--highest": highest,
            "--expose": offered,
        }
        yield from modes.mode(party, network, [option for option, value in given.items() if value], wanted)
        return
    if highest and ip is not None:
        raise InputError(tr("--highest and --ip exclude each other"), tr("leave one of them out"))
    made = networks.named(network, made_by)
    if specs:
        networks.refuse_inside(made.internal, network)
    asked = wired.Wanted(interface, ip, highest, mac, tuple(specs), tuple(links), wanted)
    yield from wired.wired(made, party, asked)
