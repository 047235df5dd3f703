"""pipework's command line, as a recipe: a reading of it onto the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from bridgekit import operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes import pipe_forms, pipe_words
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


def _told(words: Sequence[str]) -> Mapping[str, object]:
    said = pipe_words.read(words)
    return {"guest": said.guest, "interface": said.interface}


@recipe("pipework-{guest}-{interface}", facts=_told)
def pipework(
    words: Annotated[list[str], "HOSTIF [-i GUESTIF] [-l HOSTSIDE] [-a FAMILY] GUEST IP/MASK[@GATEWAY] [MAC][@VLAN]"],
) -> Steps:
    """Give a running guest an interface, by pipework's command line.

    Raises InputError.  Source: sequence 003.pipework.
    """
    said = pipe_words.read(words)
    if said.client:  # the place for `leasing`: its steps come behind those of the form, which has no address then
        raise InputError(tr("no address, but a DHCP client: {0!r}", said.client), "bridgekit dhcp")
    if not said.kind:
        yield op.Need("Hostif", name=said.link)
        yield op.Need("NoBridge", name=said.link)
    yield from pipe_forms.call(said).plan().steps
