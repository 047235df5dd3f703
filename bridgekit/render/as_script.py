"""Lines -> a script with guards and write-ahead undo, in pieces."""

from __future__ import annotations

import re
from shlex import quote

from bridgekit.compile import Compiled, Line
from bridgekit.explain import plain
from bridgekit.render import as_plain, shell
from bridgekit.render.as_plain import CARRIED
from bridgekit.render.templates import template
from bridgekit.script import Piece, Script

_HELPERS = (
    "foreign",
    "own_netns",
    "bridge_or_free",
    "port_or_free",
    "name_or_free",
    "pair_or_free",
    "route_or_free",
    "only_if",
    "moment",
    "restore",
    "fetch",
    "in_either",
    "router_or",
    "relink",
    "possible",
)
# These are in a template of their own, which most scripts need not load.
_RARE = (
    "all_of",
    "distro_of",
    "sources_of",
    "trusted",
    "forget_source",
    "one_path",
    "tap_or_free",
    "is_lent",
    "superseded",
    "own_uts",
    "subnet_free",
    "has_host",
    "drop_host",
    "put",
    "lines_are",
    "put_lines_back",
    *CARRIED,
)

_OF_UNDO = ("engine", "ports")  # what undo lines may say, for a script that only takes back


def render(compiled: Compiled) -> Script:
    """The script of a plan."""
    lang = compiled.lang
    needs: list[str] = []
    pieces: list[Piece] = []
    for line in compiled.lines:
        if line.number:
            pieces.append(_piece(line, lang))
        elif pieces:
            last = pieces[-1]
            pieces[-1] = Piece(**{**vars(last), "body": last.body + _need(line, lang)})
        else:
            needs.append(_need(line, lang))
    body = "".join(needs) + "".join(piece.body for piece in pieces)
    prelude = _prelude(compiled, body) + ("\n" + "".join(needs) if needs else "")
    finish = template("script/finish.sh.j2", lang).render()
    return Script(compiled.name, compiled.title, prelude, tuple(pieces), finish)


def _prelude(compiled: Compiled, body: str) -> str:
    total, words = len(compiled.numbered), set(re.findall(r"\w+", body))
    return template("script/prelude.sh.j2", compiled.lang).render(
        title=compiled.title,
        command=compiled.command,
        made_by=quote(compiled.command),
        recipe=quote(compiled.recipe),
        name=compiled.name,
        total=total,
        variables={name: quote(value) if value else "" for name, value in compiled.variables.items()},
        used=words.intersection((*_HELPERS, *_RARE)),
        more=not words.isdisjoint(_RARE),
        groups=as_plain.groups(body) if total else _OF_UNDO,
        waits=not compiled.modern and "tables -" in body,
        agrees=re.search(r"^ +run +apt ", body, re.M) is not None,
        programs=compiled.programs,
    )


def _need(line: Line, lang: str) -> str:
    return template("script/need.sh.j2", lang).render(words=shell.word(line.say), check=shell.argv(line.need))


def _piece(line: Line, lang: str) -> Piece:
    body = template("script/step.sh.j2", lang).render(
        number=line.number,
        words=shell.word(line.say),
        netns="" if line.netns is None or line.kind == "probe" else f" {shell.word(line.netns)}",
        capture=_capture(line),
        possible=shell.argv(line.possible),
        unless=shell.argv((*(("superseded",) if line.once and line.unless else ()), *line.unless)),
        only_if=shell.argv(line.only_if),
        undo=shell.argv(line.undo),
        run=shell.argv(line.run) if line.kind == "step" else "",
        probe=_probe(line),
    )
    return Piece(
        line.number,
        plain(line.say),
        line.why,
        line.more,
        plain(line.asks),
        as_plain.command(line),
        not line.refute if line.kind == "probe" else None,
        body,
        f'; say "{line.variable.name}=${line.variable.name}"' if line.variable else "",
        shell.word(line.expect) if line.expect else "",
        (line.variable.example or "") if line.variable else "",
    )


def _capture(line: Line) -> str:
    if line.variable is None:
        return ""
    name, question = line.variable.name, shell.pipe(line.question)
    return f"{name}=${{{line.override}:-$({question})}}" if line.override else f"{name}=$({question})"


def _probe(line: Line) -> str:
    if line.kind != "probe":
        return ""
    asked = shell.argv(line.run)
    probe = f"refute {asked}" if line.refute else f"expect {shell.word(line.expect)} {asked}"
    return f"moment {probe}" if line.passing else probe
