"""A command, run in a step's place."""

from __future__ import annotations

from bridgekit.plan import Container, Netns, Where
from bridgekit.words import Answer, Argv, Part, Word, parts

# The words of a question that come before its command, and how many more words each of them takes.
_WORDS = {"foreign": 1, "in_either": 1, "router_or": 0, "has": 1, "is": 1, "lacks": 0}
_OF_NETNS = ("ip", "bridge", "tc", "sysctl", "iptables", "ip6tables")  # what answers otherwise in another namespace
# Words of the script, also for a bash inside a namespace.
_EXPORTED = (
    *("drop_address", "forwarding", "restore", "told_by_routers", "keep_routers"),
    *("routes_of", "put_routes", "rules_of", "put_rules", "qdisc_of", "qdisc_like", "put_qdisc"),
    *("defaults", "replace_default", "defaults_back", "keep_replies", "replies_kept", "forget_replies", "spread"),
)
_HERE = "fetch"  # knows the namespace itself


def inside(argv: Argv, where: Where, short: bool = True) -> Argv:
    """A command in its place.  short: `ip -n` may stand for `ip netns exec`."""
    match where:
        case Container(runtime, guest) if argv:
            return (runtime, "exec", guest, *argv)
        case Netns(name) if argv and argv[0] != _HERE:
            argv = tuple(_answers_inside(word, where, short) for word in argv)
            if argv[0] in _EXPORTED:
                argv = ("bash", "-c", '"$@"', "bash", *argv)
            return ("ip", "-n", name, *argv[1:]) if short and argv[0] == "ip" else ("ip", "netns", "exec", name, *argv)
    return argv


def asked_inside(argv: Argv, where: Where) -> Argv:
    """A question in its place: the script's own words, then the command."""
    at = 0
    while at < len(argv) and (word := argv[at]) in _WORDS:
        at += 1 + _WORDS[str(word)]
    if not argv[at:] or argv[at] not in (*_OF_NETNS, *_EXPORTED):
        return argv
    own = argv[:at] if where is None else tuple(_answers_inside(word, where, True) for word in argv[:at])
    return (*own, *inside(argv[at:], where))


def _answers_inside(word: Word, where: Where, short: bool) -> Word:
    if isinstance(word, str) or not any(isinstance(part, Answer) for part in parts(word)):
        return word
    return tuple(_answer_inside(part, where, short) for part in parts(word))


def _answer_inside(part: Part, where: Where, short: bool) -> Part:
    if not isinstance(part, Answer):
        return part
    first, *rest = part.pipeline
    return Answer((inside(first, where, short), *rest))
