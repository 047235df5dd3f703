"""Whether this host forwards packets."""

from __future__ import annotations

from typing import Annotated

from bridgekit import operations as op
from bridgekit.errors import InputError
from bridgekit.plan import Steps, because
from bridgekit.recipes import nat
from bridgekit.recipes.named import OneOf
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr

STATES = ("on", "off")


@recipe("forwarding-{state}-{ipv6}", document="003")
def forwarding(
    state: Annotated[str, "whether it forwards", OneOf(STATES)],
    *,
    ipv6: Annotated[bool, "of IPv6 packets, not IPv4's"] = False,
) -> Steps:
    """Turn forwarding on or off.

    Raises InputError.  Source: sequence 003.forwarding; Documentation/networking/ip-sysctl of the kernel.
    """
    if state not in STATES:
        raise InputError(tr("neither on nor off: {0!r}", state), tr("on or off"))
    version = 6 if ipv6 else 4
    if state == "on":
        yield from nat.forwarding(version)
    else:
        yield because("no-forwarding", op.forwarding(version, "0"))
