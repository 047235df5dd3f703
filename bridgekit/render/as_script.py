"""Lines -> a script with guards and write-ahead undo, read from the top, in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from shlex import quote
from typing import Any

from bridgekit import __version__
from bridgekit.compile import Compiled, Line
from bridgekit.explain import plain, section
from bridgekit.render import as_plain, shell, vocabulary
from bridgekit.render.templates import template
from bridgekit.script import Piece, Script

# What the machinery says, in the words of a language.
_PHRASES = (
    *("must_work", "must_print", "must_fail", "no_state", "not_ours", "busy", "elsewhere", "other_plan", "recovered"),
    *(
        "nothing",
        "undone",
        "not_a_line",
        "stand_on",
        "not_undone",
        "other_tables",
        "handed_to",
        "rolled_back",
        "left",
        "stopped",
        "not_root",
    ),
    *("missing", "no_room", "modes", "no_lease", "bad_lease", "ended_early"),
)
_VERBS: tuple[str, ...] = (
    "moment",
    "expect",
    "refute",
    "need",
    "remark",
    "only_if",
    "possible",
    "if_made",
    "skip_if",
    "once",
    "undo_while",
)
_VERBS += ("part_of", "unless", "sets  ", "undo  ", "run   ")
_VERBATIM = ("pipework",)
_CUT = "\0"  # between the parts of the text; bash cannot hold it


def render(compiled: Compiled, typed: str = "", more: tuple[str, ...] = ()) -> Script:
    """The script of a plan.

    typed: the options that made the text what it is, after the plan's own command.  more: words that it uses beside
    those of its steps.
    """
    lines = [_line(line, compiled) for line in compiled.lines]
    body = "\n".join(verb for line in lines for verb in line["asked"])
    more += ("stays",) if _stays(typed) else ()
    more += ("change",) if compiled.identity else ()
    head, opening, needs, *bodies, machinery, start = _text(compiled, typed, lines, body, more).split(f"{_CUT}\n")
    if lines and lines[0]["number"]:
        bodies.insert(0, needs)
        needs = ""
    numbered = compiled.numbered
    pieces = tuple(
        _piece(line, text, compiled.explained) for line, text in zip(numbered, bodies if numbered else (), strict=True)
    )
    return Script(compiled.name, compiled.title, head, opening, needs, pieces, machinery, start)


def _text(compiled: Compiled, typed: str, lines: list[dict[str, Any]], body: str, more: tuple[str, ...]) -> str:
    lang = compiled.lang
    text, digest = vocabulary.machinery()
    command = _typed(compiled, typed)
    return template("script.sh.j2", lang).render(
        cut=_CUT,
        end=_end(lines),
        title=compiled.title,
        command=command,
        name=compiled.name,
        total=len(compiled.numbered),
        programs=" ".join(f"{program}={package}" for program, package in compiled.programs.items()),
        variables={name: quote(value) if value else "" for name, value in compiled.variables.items()},
        lines=lines,
        stays=_stays(typed),
        version=__version__,
        sha256=digest,
        machinery=text,
        recipe=quote(compiled.recipe),
        kept=_kept(body),
        made_by=quote(command or "-"),  # a journal has no empty fields
        plan=_plan(compiled, body),
        phrases=_PHRASES,
        phrase={key: text.replace("'", "'\\''") for key, text in section("phrases", lang).items()},
        words=vocabulary.definitions(vocabulary.used(body, *_of_documents(compiled, body), *more), lang),
    )


def _end(lines: list[dict[str, Any]]) -> str:
    """The line that ends the steps' text: none of them has it, whatever a plan's words are."""
    end = "STEPS"
    while any(f"\n{end}\n" in f"{text}\n" for line in lines for text in (line["say"], line["netns"], line["verbs"])):
        end += "_"
    return end


def _typed(compiled: Compiled, typed: str) -> str:
    """The plan's command with options of ours; they come before words that are another program's."""
    at = compiled.command.find(" ", len("bridgekit ")) if compiled.recipe in _VERBATIM else len(compiled.command)
    return f"{compiled.command[:at]}{typed}{compiled.command[at:]}" if compiled.command else ""


def _stays(typed: str) -> bool:
    """Whether the options mark the run to stay, which its script then says."""
    return "--stay" in typed.split()


def _kept(body: str) -> str:
    """The words that the journal keeps: those by which a later version takes the run back."""
    asked = "\n".join(verb for verb in body.split("\n") if verb.startswith(("unless", "undo")))
    return " ".join(sorted(vocabulary.used(asked)))


def _of_documents(compiled: Compiled, body: str) -> list[str]:
    """The words that stand before programs which the documents start without what a script needs."""
    found = [] if compiled.modern or "tables -" not in body else ["iptables", "ip6tables"]
    return found + (["apt"] if re.search(r"^run +apt ", body, re.M) else [])


def _plan(compiled: Compiled, body: str) -> str:
    """What the run is, as a word of bash: its parameters, and the variables that its user may have set."""
    what = compiled.identity or compiled.command or sha256(body.encode()).hexdigest()[:16]
    variables = "".join(f'"; {name}=${name}"' for name in compiled.variables)
    return f"{quote(what)}{variables}"


def _line(line: Line, compiled: Compiled) -> dict[str, Any]:
    inside = line.netns is not None and line.number > 0 and line.kind != "probe"
    verbs = [(" ".join(verb), verb) for verb in _verbs(line, compiled)]
    return {
        "number": line.number,
        "say": shell.word(line.say),
        "netns": f" {shell.word(line.netns)}" if inside and line.netns is not None else "",
        "verbs": "\n  ".join([text for text, _ in verbs]),
        "asked": [text if len(verb) < 3 else _asked(verb) for text, verb in verbs],
    }


def _asked(verb: tuple[str, ...]) -> str:
    """A verb without its sentence."""
    return " ".join(part for part in verb if part in _VERBS or part is verb[-1])


def _verbs(line: Line, compiled: Compiled) -> Iterator[tuple[str, ...]]:
    """What a step says: each verb, a sentence where it has one, and the command."""
    match line.kind:
        case "need" | "remark":
            yield line.kind, shell.word(line.say), shell.argv(line.need)
        case "capture":
            yield (_capture(line),)
        case "probe":
            yield from _probe(line)
        case _:
            yield from _step(line, compiled)


def _step(line: Line, compiled: Compiled) -> Iterator[tuple[str, ...]]:
    if line.once and line.unless:
        yield ("once",)
    if line.possible:
        sentence, *question = line.possible
        yield "possible", shell.word(sentence), shell.argv(tuple(question))
    if line.part_of:
        yield "part_of", " ".join(map(str, line.part_of))
    yield from _unless(line, compiled)
    if line.remains:
        yield "undo_while", shell.argv(line.remains)
    if line.only_if:
        sentence, *question = line.only_if
        yield "only_if", shell.word(sentence), shell.argv(tuple(question))
    if line.sets and line.undo:
        yield "sets  ", shell.argv(line.sets)
    if line.undo:
        yield "undo  ", shell.argv(line.undo)
    yield "run   ", shell.argv(line.run)


def _unless(line: Line, compiled: Compiled) -> Iterator[tuple[str, ...]]:
    match question := line.unless:
        case ():
            return
        case ("foreign", name, *rest):
            yield "if_made", str(next(iter(line.part_of), _maker(name, compiled)))
            yield "unless", shell.argv(tuple(rest))
        case ("router_or", *rest):
            yield "skip_if", "is 1 sysctl -n net.ipv4.ip_forward"
            yield "unless", shell.argv(tuple(rest))
        case ("all_of", *rest):
            yield "unless", shell.argv(question)
            yield "undo_while", shell.argv(("any_of", *rest))
        case ("is_lent" | "moved_over", *rest):  # a card that came back without what it had gets that, too
            yield "unless", shell.argv(question)
            yield "undo_while", shell.argv(("lent_or_bare", *rest))
        case _:
            yield "unless", shell.argv(question)


def _maker(name: object, compiled: Compiled) -> int:
    """The step that makes a link, which this run takes back so."""
    return next((line.number for line in compiled.lines if line.undo == ("ip", "link", "del", "dev", name)), 0)


def _capture(line: Line) -> str:
    assert line.variable is not None
    name, question = line.variable.name, shell.pipe(line.question)
    return f"{name}=${{{line.override}:-$({question})}}" if line.override else f"{name}=$({question})"


def _probe(line: Line) -> Iterator[tuple[str, ...]]:
    verb = ("refute",) if line.refute else ("expect", shell.word(line.expect))
    yield *(("moment",) if line.passing else ()), *verb, shell.argv(line.run)


def _piece(line: Line, body: str, explained: bool) -> Piece:
    return Piece(
        line.number,
        plain(line.say),
        line.why,
        line.more,
        plain(line.asks),
        as_plain.command(line) if explained else "",
        not line.refute if line.kind == "probe" else None,
        body,
        f'; say "{line.variable.name}=${line.variable.name}"' if line.variable else "",
        shell.word(line.expect) if line.expect else "",
        (line.variable.example or "") if line.variable else "",
    )
