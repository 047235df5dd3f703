"""What other commands of bridgekit would do with a node: `also:`.  The steps are theirs."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from inspect import Parameter, signature
from typing import Any, get_args

from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes import RECIPES
from bridgekit.translation import tr

Options = Mapping[str, Any]
_OF_GUESTS = ("attach", "macvlan", "ipvlan", "move", "dummy", "ovs", "ipoib", "dhcp", "route", "rule", "tc")
_OF_HOSTS = ("outbound", "forwarding", "vlan", "vrf", "vm")
COMMANDS = (*_OF_GUESTS, *_OF_HOSTS)
GUEST = "guest"


def plans(commands: Sequence[Mapping[str, Options]], netns: str) -> Iterator[Plan | tuple[int, InputError]]:
    """The plan of each command, or what is wrong with it and at which place it stands.

    netns: the node's namespace; empty: it is this host.
    """
    for at, each in enumerate(commands):
        try:
            yield _plan(each, netns)
        except InputError as error:
            yield at, error


def _plan(said: Mapping[str, Options], netns: str) -> Plan:
    if len(said) != 1:
        raise InputError(
            tr("not one command: {0!r}", ", ".join(said)), tr("- COMMAND: {{OPTION: VALUE}}, each in its place")
        )
    ((command, options),) = said.items()
    fit = _OF_GUESTS if netns else _OF_HOSTS
    if command not in fit:
        what = tr("of a guest, not of the host: {0}", command) if not netns else tr("of the host: {0}", command)
        raise InputError(what, tr("one of: {0}", ", ".join(fit)))
    make = RECIPES[command].make
    known = {name.replace("_", "-"): each for name, each in _parameters(make).items() if name != GUEST}
    given: dict[str, object] = {GUEST: f"netns:{netns}"} if netns else {}
    for name, value in options.items():
        if name not in known:
            raise InputError(tr("{0} has no option {1!r}", command, name), _near(name, list(known)))
        given[known[name].name] = _value(command, name, value, known[name].annotation)
    for name, each in known.items():
        if each.default is Parameter.empty and each.name not in given:
            raise InputError(tr("{0} needs {1!r}", command, name), tr("bridgekit {0} -h tells what that is", command))
    return make(**given)


def _parameters(make: Callable[..., Plan]) -> Mapping[str, Parameter]:
    return signature(make, eval_str=True).parameters


def _near(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, 1)
    return tr("did you mean {0!r}?", near[0]) if near else tr("one of: {0}", ", ".join(known))


def _value(command: str, name: str, value: object, annotation: object) -> object:
    """A value as the recipe takes it: words may be one text, and a text a number.  Raises InputError."""
    told = get_args(annotation)[0]
    kinds = [kind for kind in (*get_args(told), told) if kind is not type(None)]
    if list[str] in kinds or told == list[str]:
        if isinstance(words := _words(value), list):
            return [str(each) for each in words]
    elif bool in kinds or int in kinds:
        if type(value) in kinds:
            return value
    elif isinstance(value, str) or type(value) is int:
        return str(value)
    raise InputError(tr("not a value for {0}: {1!r}", name, value), tr("bridgekit {0} -h tells what that is", command))


def _words(value: object) -> object:
    try:
        return shlex.split(value) if isinstance(value, str) else value
    except ValueError as error:
        raise InputError(tr("not a command: {0!r}", value), str(error)) from None
