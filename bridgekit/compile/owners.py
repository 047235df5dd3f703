"""What each step made, and what it is part of: what is gone with a step that is undone."""

from __future__ import annotations

from bridgekit.operations import Operation, lines
from bridgekit.plan import Netns, Where

Key = tuple[object, ...]
_NOBODY: frozenset[int] = frozenset()


class Owners:
    """Who made what, as far as a plan was followed."""

    def __init__(self) -> None:
        self._of: dict[Key, frozenset[int]] = {}

    def part_of(self, operation: Operation, where: Where, number: int) -> tuple[int, ...]:
        """The earlier steps any one of which, undone, takes this one along; then it is known what this one makes.

        They are roots: what is part of a part is told by what that is part of.
        """
        place = where.name if isinstance(where, Netns) else None
        owners = _NOBODY.union(*(self._of.get(_key(each, operation, place), _NOBODY) for each in operation.part_of))
        if operation.makes:
            owners |= self._of.get(("netns", None, place), _NOBODY)
        for each in operation.makes:
            self._of[_key(each, operation, place)] = owners or frozenset({number})
        before, after = operation.carries
        if before:
            owners = self._carry(_key(before, operation, place), _key(after, operation, place) if after else None)
        return tuple(sorted(owners))

    def _carry(self, before: Key, after: Key | None) -> frozenset[int]:
        """Something has another name, and lives in another namespace, or nothing is behind its name any more."""
        owners = self._of.pop(before, _NOBODY)
        if before[0] == "netns":
            self._of = {key: value for key, value in self._of.items() if key[1] != before[-1]}
        if owners and after:
            # Where it goes without us, it comes back without us, too: a network card survives its namespace.
            owners |= self._of.get(("netns", None, after[1]), _NOBODY)
            self._of[after] = owners
            return owners
        if before[0] == "netns":  # nor is what it had inside
            self._of = {key: owner for key, owner in self._of.items() if key[1] != before[2]}
        return _NOBODY


def _key(what: str, operation: Operation, place: object) -> Key:
    """A kind, a place and a name: `link name`, `link name @netns`; the names of namespaces are the host's."""
    kind, *names = what.split()
    if kind == "netns":
        place = None
    if names[-1].startswith("@"):
        place = lines.value(names.pop().removeprefix("@"), operation)
    return (kind, place, *(lines.value(name, operation) for name in names))
