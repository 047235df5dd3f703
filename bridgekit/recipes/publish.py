"""Ports of a guest, published on this host."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names, operations as op
from bridgekit.errors import InputError
from bridgekit.names import ports
from bridgekit.plan import Steps
from bridgekit.recipes import linking, meeting, networks, publishing, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("publish-{guest}-{spec}", document="003")
def publish(
    guest: Annotated[str, "NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    spec: Annotated[list[str], "[ADDRESS:][HOST-PORT:]PORT[/udp]: 8080:80, 127.0.0.1::80, 80, 7000-7002:80-82"],
    *,
    bridge: Annotated[str, "the bridge that the guest is on"] = "br666",
    network: Annotated[str | None, "rather an engine's network: `bridge` (docker0's) or a NAME"] = None,
    made_by: Annotated[str | None, "the command that made the network; default: that of the run in force here"] = None,
) -> Steps:
    """Publish ports of a guest on this host.

    Raises InputError.  Source: sequence 003.publish; man 1 docker-run, --publish.
    """
    party = wiring.Party(names.guest(guest))
    specs = ports.publications(spec)
    if not specs:
        raise InputError(tr("nothing to publish"), tr("a port of the guest: 8080:80"))
    made, name, there = networks.either(bridge, network, made_by)
    yield from wiring.identify(party)
    yield there
    yield from linking.located(party, name)
    wanted = publishing.doors(specs, linking.address_of(party), made.host if made else "")
    yield from publishing.free(wanted, made)
    for door in wanted:
        if door.host and not door.local:
            yield op.Need("HostHas", address=door.host)
        yield from meeting.listens(party, door.spec.port.protocol, door.spec.port.number)
    if made:
        networks.refuse_inside(made.internal, network or "")
        yield from publishing.on_network(made, wanted)
    else:
        yield from meeting.reached(publishing.on_bridge(name, party, wanted))
        yield from publishing.on_bridge(name, party, wanted)
