"""It is too long for a link: alone, or for the whole wire?"""

from __future__ import annotations

from bridgekit.facts.links import Link
from bridgekit.facts.spaces import Space
from bridgekit.trace.reasons.case import Case, Reason
from bridgekit.translation import Said, joined, tr


def too_long(case: Case, text: Said, place: tuple[Space, str], length: int) -> Reason:
    """The reason, and the command by which a link takes as much: where it is the only one of its wire that does not."""
    links = _along(case, *place)
    narrow = {at: link for at, link in links.items() if link.mtu < length and at != place}
    if not narrow:
        return Reason(text, case.ip(place[0], f"link set {place[1]} mtu {length}"))
    if len(narrow) + 1 < len(links):
        others = joined(tr("{0} of {1}", name, case.named(space)) for space, name in narrow)
        return Reason(tr("{0}; nor do others on that wire take as much: {1}", text, others))
    sizes = sorted({link.mtu for link in links.values()})
    takes = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]}-{sizes[-1]}"
    return Reason(tr("{0} bytes are more than any link of that wire takes (mtu {1})", length, takes))


def _along(case: Case, space: Space, name: str) -> dict[tuple[Space, str], Link]:
    """The links of a wire that the packet passes there: those by which it came, and those of whom it is to reach."""
    wire = case.scene.segment(space, name)
    met = [(frame.space, frame.link) for frame in case.frames]
    hops = case.addresses.union(*map(case.gateways, case.places))
    met += [(space, name), *((owner, link.name) for hop in sorted(hops) for owner, link in case.scene.owners(hop))]
    found: dict[tuple[Space, str], Link] = {}
    for each in met:
        end = case.scene.peer(*each)
        for at in (each, *([(end[0], end[1].name)] if end else [])):
            link = case.scene.link(*at)
            if at in wire and link and link.kind != "bridge":
                found.setdefault(at, link)
    return found
