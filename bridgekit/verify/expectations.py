"""A file that says which pairs must not work.

    # from -> to: fails or works; `*` is everyone; the last line that fits a pair counts
    web -> db: fails
    * -> 203.0.113.2: fails
    host -> 203.0.113.2: works

FROM is `host` or a guest, TO is `host`, a guest or an address, each as `bridgekit verify` prints it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from bridgekit.errors import InputError
from bridgekit.translation import reason, tr

EVERYONE = "*"
_FORM = tr("a line is `FROM -> TO: fails` or `FROM -> TO: works`, such as `web -> db: fails`")
_WORKS = {"works": True, "fails": False}


@dataclass(frozen=True)
class Rule:
    """One line: whether `source` reaches `target`.  line: its number and text, for whoever wrote it."""

    line: str
    source: str
    target: str
    works: bool

    def fits(self, source: str, targets: Collection[str]) -> bool:
        """Whether it speaks of this pair; targets: the names and addresses of the one that is asked."""
        return self.source in (EVERYONE, source) and (self.target == EVERYONE or self.target in targets)


def read(file: str) -> tuple[Rule, ...]:
    """The rules of a file.  Raises InputError, naming the line."""
    try:
        text = Path(file).read_text("utf-8")
    except OSError as error:
        raise InputError(
            tr("cannot read {0!r}: {1}", file, reason(error)), tr("name a file with expectations")
        ) from None
    except UnicodeDecodeError:
        raise InputError(tr("not text in UTF-8: {0!r}", file), _FORM) from None
    return tuple(_rules(file, text.splitlines()))


def _rules(file: str, lines: Sequence[str]) -> Iterator[Rule]:
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].strip()
        if words:
            yield _rule(tr("{0} line {1}: {2!r}", file, number, words), words)


def _rule(line: str, words: str) -> Rule:
    source, arrow, rest = (part.strip() for part in words.partition("->"))
    target, colon, verdict = (part.strip() for part in rest.rpartition(":"))
    if not (arrow and colon and source and target) or len(source.split()) > 1 or len(target.split()) > 1:
        raise InputError(tr("not an expectation: {0}", line), _FORM)
    if verdict not in _WORKS:
        raise InputError(tr("neither `works` nor `fails` at its end: {0}", line), _FORM)
    return Rule(line, source, _written(target), _WORKS[verdict])


def _written(target: str) -> str:
    """An address as it is printed, whichever way it was typed."""
    try:
        return str(ip_address(target))
    except ValueError:
        return target


def check_names(rules: Sequence[Rule], sources: Collection[str], targets: Collection[str]) -> None:
    """Refuse a rule about somebody who is not there: it would expect nothing.  Raises InputError."""
    for rule in rules:
        for name, known in ((rule.source, sources), (rule.target, targets)):
            if name != EVERYONE and name not in known:
                raise InputError(
                    tr("nothing here is called {0!r}: {1}", name, rule.line), tr("one of: {0}, *", ", ".join(known))
                )


def works(rules: Sequence[Rule], source: str, targets: Collection[str]) -> bool:
    """Whether a pair should work; without a rule it should."""
    return next((rule.works for rule in reversed(rules) if rule.fits(source, targets)), True)
