"""An ordered choice of tools: the first that can build an operation's command does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bridgekit.errors import InputError
from bridgekit.operations import Operation
from bridgekit.plan import Container, Netns, Where
from bridgekit.tools import (
    brctl,
    containers,
    files,
    ip,
    iptables,
    nettools,
    packages,
    ping,
    service,
    sysctl,
    vm,
    vocabulary,
)
from bridgekit.words import Answer, Argv, Operator, Part, Pipeline, Word, parts

Builder = Callable[[Operation], Argv | None]


@dataclass(frozen=True)
class Dialect:
    """A name, the tools in order, and whether `ip -n` may stand for `ip netns exec`."""

    name: str
    builders: tuple[Builder, ...]
    short: bool

    def command(self, operation: Operation, where: Where = None) -> Argv:
        """The exact argument vector of an operation in its place.  Raises InputError if no tool knows it."""
        for build in self.builders:
            argv = build(operation)
            # A redirection would be done outside the place that the command runs in.
            if argv is not None and not (where and any(isinstance(word, Operator) for word in argv)):
                return self.inside(argv, where)
        raise InputError("no tool of this dialect does", type(operation).__name__)

    def question(self, operation: Operation) -> Pipeline | None:
        """The pipeline whose output a capturing operation keeps; None if it captures nothing."""
        return ip.question(operation) or containers.question(operation) or vocabulary.question(operation)

    def precondition(self, operation: Operation, where: Where = None) -> Argv | None:
        """What must hold before this dialect's command is safe."""
        if nettools.build not in self.builders:
            return None
        argv = nettools.precondition(operation)
        return argv and (argv[0], *MODERN.inside(argv[1:], where))

    def inside(self, argv: Argv, where: Where) -> Argv:
        """A command, run in a step's place."""
        match where:
            case None:
                return argv
            case Container(runtime, guest):
                return containers.execute(argv, runtime, guest)
            case Netns(name):
                argv = tuple(self._answers_inside(word, where) for word in argv)
                if argv[0] == "fetch":
                    return argv
                if argv[0] in vocabulary.EXPORTED:
                    return ip.execute(("bash", "-c", '"$@"', "bash", *argv), name)
                return ip.within(argv, name) if self.short and argv[0] == "ip" else ip.execute(argv, name)

    def _answers_inside(self, word: Word, where: Where) -> Word:
        if not any(isinstance(part, Answer) for part in parts(word)):
            return word
        return tuple(self._answer_inside(part, where) for part in parts(word))

    def _answer_inside(self, part: Part, where: Where) -> Part:
        if not isinstance(part, Answer):
            return part
        first, *rest = part.pipeline
        return Answer((self.inside(first, where), *rest))


_COMMON: tuple[Builder, ...] = (
    *(ip.build, sysctl.build, files.build, ping.build, vm.build),
    *(packages.build, service.build, vocabulary.build),
)

MODERN = Dialect("modern", (*_COMMON, iptables.build, containers.build), short=True)
_AS_000 = (brctl.build, nettools.build, containers.build_000, iptables.build_bare, *_COMMON)
_AS_003 = (brctl.build, ip.build_003, sysctl.build_003, containers.build_003, iptables.build_bare, *_COMMON)
_OWN_BRIDGE = (ip.build_own_bridge, service.build_003, containers.build)
_AS_001 = (brctl.build, containers.build_001, iptables.build_bare, *_COMMON)
_AS_002 = (
    *(packages.build_002, brctl.build, nettools.build, containers.build_002, ping.build_002),
    *(iptables.build_bare, *_COMMON),
)
# The documents differ in how they word the same thing, 003 even from itself; a plan says whose walk it is.
DOCUMENTS = {
    key: Dialect("document", builders, short=False)
    for key, builders in {
        "000": _AS_000,
        "001": _AS_001,
        "002": _AS_002,
        "003": _AS_003,
        "003.own-bridge": (*_OWN_BRIDGE, *_AS_003),
    }.items()
}
NAMES = ("document", "modern")

PACKAGES: dict[str, str] = {}
for _tool in (brctl, containers, files, ip, iptables, nettools, packages, ping, service, sysctl, vm, vocabulary):
    PACKAGES.update(_tool.PROGRAMS)


def dialect(name: str, document: str = "000") -> Dialect:
    """A dialect by name, `document` (in the wording of that document) or `modern`.  Raises InputError."""
    if name not in NAMES:
        raise InputError(f"not a dialect: {name!r}", f"one of: {', '.join(NAMES)}")
    if document not in DOCUMENTS:
        raise InputError(f"not a document: {document!r}", f"one of: {', '.join(DOCUMENTS)}")
    return MODERN if name == "modern" else DOCUMENTS[document]
