"""`iptables` and `ip6tables`: rules as data to rules as arguments.  man 8 iptables, iptables-extensions."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Text, Var, Word

PROGRAMS = {"iptables": "iptables", "ip6tables": "iptables"}


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation; it waits for the xtables lock (`-w`)."""
    bare = build_bare(operation)
    return bare and (bare[0], "-w", *bare[1:])


def build_bare(operation: op.Operation) -> Argv | None:
    """The same without `-w`, as the documents type it."""
    match operation:
        case op.RuleAppend(rule):
            return _command(rule, "-A")
        case op.RuleDelete(rule):
            return _command(rule, "-D")
    return None


def check(rule: op.Rule) -> Argv:
    """The command that succeeds if the rule stands in its chain."""
    program, *rest = _command(rule, "-C")
    return (program, "-w", *rest)


def _command(rule: op.Rule, verb: str) -> Argv:
    table: Argv = () if rule.table == "filter" else ("-t", rule.table)
    program = "iptables" if rule.version == 4 else "ip6tables"
    return (program, *table, verb, rule.chain, *_matches(rule), "-j", rule.target)


def _matches(rule: op.Rule) -> Argv:
    return (
        *_match("-s", rule.source),
        *_match("-d", rule.destination),
        *_match("-i", rule.in_interface),
        *_match("-o", rule.out_interface),
        *(("-m", "conntrack", "--ctstate", rule.state) if rule.state else ()),
    )


def _match(flag: str, name: Text) -> tuple[Word, ...]:
    if isinstance(name, Var) or not name.startswith("!"):
        return (flag, name) if name else ()
    return ("!", flag, name[1:])
