"""One port of one guest, open to one other."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.names import ports
from bridgekit.plan import Steps
from bridgekit.recipes import linking, networks, wiring
from bridgekit.recipes.named import GUEST
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("link-{guest_from}-{guest_to}-{port}", document="003")
def link(
    guest_from: Annotated[str, "who may ask: NAME (a Docker container), podman:NAME, pid:N or netns:NAME", GUEST],
    guest_to: Annotated[str, "who answers", GUEST],
    *,
    port: Annotated[list[str] | None, "PORT[/udp] of the one who answers; again for more"] = None,
    bridge: Annotated[str, "the bridge that both are on"] = "br666",
    network: Annotated[str | None, "rather an engine's network: `bridge` (docker0's) or a NAME"] = None,
    made_by: Annotated[str | None, "the command that made the network; default: that of the run in force here"] = None,
) -> Steps:
    """Let one guest ask another at some ports, where guests are kept apart.

    Raises InputError.  Source: sequence 003.icc; man 1 docker-run, --link.
    """
    wanted = ports.few([each for text in port or () for each in ports.ports(text)])
    if not wanted:
        raise InputError(tr("no port to open"), tr("at least one --port, such as --port 80"))
    ends = [wiring.Party(names.guest(guest_from), "_A"), wiring.Party(names.guest(guest_to), "_B")]
    wiring.refuse_same(*(end.guest for end in ends))
    made, name, there = networks.either(bridge, network, made_by)
    for end in ends:
        yield from wiring.identify(end)
    yield there
    for end in ends:
        yield from linking.located(end, name)
    asks, answers = map(linking.address_of, ends)
    yield from linking.opened(made, name, asks, answers, wanted)
