"""Waiting until an interface can be used: it is there, up, has a carrier and an address that is not tentative."""

from __future__ import annotations

import time

from bridgekit import names
from bridgekit.errors import InputError, RunError
from bridgekit.facts.ask import objects
from bridgekit.facts.guests import space_of, way_to
from bridgekit.facts.spaces import Space, here
from bridgekit.translation import tr

_BETWEEN = 0.1  # seconds
LONGEST = 86400


def wait(guest: str | None, interface: str, seconds: int) -> tuple[str, ...]:
    """Wait for an interface, and return its addresses, CIDR.

    guest: as on the command line; None: where this process is.  seconds: 0 asks once.
    Raises InputError, and RunError with what is missing when the time is over.
    """
    who, link = None if guest is None else names.guest(guest), names.interface(interface)
    if not 0 <= seconds <= LONGEST:
        raise InputError(tr("not a time to wait: {0!r}", seconds), tr("0 to {0} seconds", LONGEST))
    end = time.monotonic() + seconds
    while True:
        space = here() if who is None else space_of(who)
        found, missing = _ready(space, link) if space else ((), tr("the guest {0} is not running", str(who)))
        if found:
            return found
        if time.monotonic() >= end:
            hint = way_to(who) if who and not space else tr("bridgekit show draws what is there")
            raise RunError(tr("{0} is not ready after {1} s: {2}", link, seconds, missing), hint)
        time.sleep(_BETWEEN)


def _ready(space: Space, name: str) -> tuple[tuple[str, ...], str]:
    """The addresses that can be used; or none, and what is missing."""
    link = next(objects(*space.ip("-j", "addr", "show", "dev", name)) or iter(()), None)
    if link is None:
        return (), tr("there is no {0}", name)
    if "UP" not in link["flags"]:
        return (), tr("it is down: ip link set {0} up", name)
    if "LOWER_UP" not in link["flags"] or link["operstate"] not in ("UP", "UNKNOWN"):
        return (), tr("nothing answers at its other end (no carrier)")
    lasting = [each for each in link["addr_info"] if each["scope"] != "link"]
    ready = tuple(f"{each['local']}/{each['prefixlen']}" for each in lasting if not each.get("tentative"))
    if lasting and not ready:
        return (), tr("its address is tentative: the kernel still asks whether another has it")
    return ready, tr("it has no address")
