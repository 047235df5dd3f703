"""What `trace` and `verify` say in the lab two-homes: whom they name, who answers for another, what is meant so."""

from __future__ import annotations

import pytest

from bridgekit import names
from bridgekit.cli.nodes import meant
from bridgekit.errors import HostError, InputError
from bridgekit.facts.pings import Echo
from bridgekit.trace import Trace, traced
from bridgekit.verify import Probe
from bridgekit.verify.parties import parties
from bridgekit.verify.probing import Question
from bridgekit.verify.reasons import Reason, Reasons
from tests.kernel.test_trace import PATIENCE
from tests.kernel.world import shell

NONE = "it has no default route (so it is in lab two-homes)"


def trace(source: str, target: str, port: int | None = None) -> Trace:
    """A trace as on the command line, but with less patience, and in this process."""
    return traced(meant(source), meant(target), port, patience=PATIENCE)


def reason(source: str, target: str, port: int | None = None) -> tuple[str, str]:
    """Why a packet was not answered, and the command that mends it."""
    found = trace(source, target, port)
    assert not found.answered
    return found.reason, found.mend


def reasons_in_two_homes() -> None:
    """Homes behind NAT are not to be reached, and have the same addresses; nodes go by their own names, too."""
    # What a lab made so is nobody's to mend: by its modems it would go round in a circle.
    assert reason("web", "192.168.1.2") == (f"two-homes-web has no route to 192.168.1.2: {NONE}", "")
    text, mend = reason("ann", "outside")
    assert (text.partition("modemA has ")[2], mend) == (f"no route to 203.0.113.2: {NONE}", "")
    # By verify the same; and never that this host does not forward, which is not asked to.
    (_, ann, out), _ = parties([names.guest(meant("ann")), names.guest("netns:outside")])
    asked = Question(ann, out, "203.0.113.2")
    assert Reasons(Probe(1)).of(asked, Echo(1, 0)) == (Reason(text),)
    assert Reasons(Probe(1), until=0).of(asked, Echo(1, 0)) == Reasons(Probe(1)).of(asked, Echo(2, 1)) == ()
    # Another one's answer is none, one's own neither.
    has = "two-homes-ann has 192.168.1.2 itself, so what it sends there stays in it; two-homes-bob, which has it, too"
    assert reason("ann", "bob") == (f"{has}, was never asked", "")
    other = "it was two-homes-ann that got it, which has 192.168.1.2, too, and not two-homes-bob"
    assert reason("tv", "two-homes/bob") == reason("modemA", "bob", 81) == (other, "")
    assert trace("ann", "two-homes/modemB").address == "198.51.100.12"  # of its addresses the one of its own
    for text, error in (("two-homes/nobody", HostError), ("lanA", InputError)):
        with pytest.raises(error, match=text.rpartition("/")[2]):
            meant(text)
    for text in ("nobody", "outside", "host", "198.51.100.80", "netns:two-homes-ann"):
        assert meant(text) == text
    # What went since is the lab's to repair, and then there is an answer.
    shell("ip netns exec two-homes-modemA iptables -t nat -F; ip -n two-homes-tv route del default")
    text, mend = reason("tv", "web")
    assert text.partition("; ")[2] == "lab two-homes no longer holds in two-homes-tv"
    assert mend == "bridgekit repair lab-two-homes"
    shell(mend)
    assert trace("tv", "web").answered
