"""Route leaking: one prefix of a namespace becomes reachable from another."""

from __future__ import annotations

from typing import Annotated

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.plan import Steps
from bridgekit.recipes.leakage import leak_of, open_prefix
from bridgekit.recipes.named import NAMESPACE
from bridgekit.recipes.registry import recipe
from bridgekit.translation import tr


@recipe("leak-{from_netns}-{to_netns}-{prefix}")
def leak(
    from_netns: Annotated[str, "the named namespace that shall reach the prefix", NAMESPACE],
    to_netns: Annotated[str, "the named namespace that reaches it already", NAMESPACE],
    prefix: Annotated[str, "the only network that opens, CIDR: 192.168.9.0/24"],
    *,
    link: Annotated[str | None, "the network between the two, CIDR; default: a /31 of 169.254.0.0/16, or IPv6"] = None,
) -> Steps:
    """Let one namespace reach one prefix through another, and only that.

    Raises InputError.  Source: sequence 001.route-leak; RFC 3021 (/31), RFC 6164 (/127).
    """
    inner, outer = names.netns(from_netns), names.netns(to_netns)
    if inner == outer:
        raise InputError(tr("one namespace at both ends: {0!r}", inner), tr("a leak joins two"))
    between = None if link is None else names.subnet(link)
    yield from open_prefix(leak_of(inner, outer, names.prefix(prefix), between))
