"""`iptables` and `ip6tables`: rules as data to rules as arguments.  man 8 iptables, iptables-extensions."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Answer, Argv, Operator, Text, Word, parts

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
        case op.RuleInsert(rule, place):
            return _command(rule, "-I", *([] if place == 1 else [str(place)]))
        case op.RuleDelete(rule):
            return _command(rule, "-D")
        case op.ChainAdd(chain, table, version):
            return (_program(version), *_table(table), "-N", chain)
        case op.ChainDelete(chain, table, version):
            return (_program(version), *_table(table), "-X", chain)
        case op.PolicySet(chain, policy, version):
            return (_program(version), "-P", chain, policy)
        case op.PolicyRestore(chain, version):
            said = Answer((listing(chain, "filter", version), ("sed", "-n", f"s/^-P {chain} //p")))
            return (_program(version), "-P", chain, said)
        case op.RuleList(table):
            return ("iptables", *_table(table), "-L", "-n")
        case op.RuleSearch(table):
            return ("iptables", *_table(table), "-S", Operator("|"), "grep", "-e", "-A")
    return None


def check(rule: op.Rule) -> Argv:
    """The command that succeeds if the rule stands in its chain."""
    program, *rest = _command(rule, "-C")
    return (program, "-w", *rest)


def listing(chain: str, table: str, version: int) -> Argv:
    """The command that prints a chain, and fails if there is none."""
    return (_program(version), "-w", *_table(table), "-S", chain)


def _program(version: int) -> str:
    return "iptables" if version == 4 else "ip6tables"


def _table(table: str) -> Argv:
    return () if table == "filter" else ("-t", table)


def _command(rule: op.Rule, verb: str, *place: str) -> Argv:
    where = (*_table(rule.table), verb, rule.chain, *place)
    return (_program(rule.version), *where, *_matches(rule), "-j", rule.target, *_match("--to-destination", rule.to))


def _matches(rule: op.Rule) -> Argv:
    types = (*_match("--src-type", rule.source_type), *_match("--dst-type", rule.destination_type))
    return (
        *_match("-s", rule.source),
        *_match("-d", rule.destination),
        *_match("-i", rule.in_interface),
        *_match("-o", rule.out_interface),
        *_match("-p", rule.protocol),
        *_match("--sport", rule.source_port),
        *_match("--dport", rule.destination_port),
        *(("-m", "conntrack", "--ctstate", rule.states) if rule.states else ()),
        *(("-m", "addrtype", *types) if types else ()),
    )


def _match(flag: str, value: Text | tuple[Text, ...]) -> tuple[Word, ...]:
    first, *rest = parts(value)
    if isinstance(first, str) and first.startswith("!"):
        return ("!", flag, (first[1:], *rest) if rest else first[1:])
    return (flag, value) if value else ()
