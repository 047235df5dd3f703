"""How to hear what bash reads of a script, what was meant by it, and anything to say.

No command of a rendered script is run here: its own words (`run`, `undo`, ...) become functions that
write down what they were given, and so does every program, which PATH no longer finds.
"""

from __future__ import annotations

import shlex
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import HealthCheck, settings, strategies as st

from bridgekit import operations, render
from bridgekit.compile import Line, compiled
from bridgekit.operations import KINDS as CLASSES, MANAGERS, RUNTIMES, SETTINGS, Capture, NetnsBind, Question
from bridgekit.plan import Container, Expect, Netns, Plan, Step
from bridgekit.render import shell
from bridgekit.words import Answer, Argv, Operator, Var, Word, answer, parts

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SPECIAL = st.text("'\"\\$`!*?[]{}()<>|&;~#%^=,:@ \t\n\rax0-", max_size=12)
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
_NASTY = ["$(echo no)", "`echo no`", "'; echo no; '", '"; echo no; "', "\necho no\n", "}; echo no; ${x", "!!", "!"]
_NASTY += ["~", "~root", "-n", "--", "\\", "\\\n", "'", '"', "''", "#", "{a,b}", "*", "$'\\n'", "", " ", "\x1b[31m"]
NASTY = st.sampled_from(_NASTY)
TEXT = SPECIAL | ANY | NASTY
VARS = st.sampled_from((Var("first"), Var("SECOND", "default"), Var("x_3")))
ANSWERS = st.builds(lambda text: answer("printf", "%s", text), TEXT)
WORDS = TEXT | VARS | st.lists(TEXT | VARS | ANSWERS, min_size=1, max_size=4).map(tuple)


def bash(text: str, **environment: str) -> list[str]:
    """What a script prints, NUL after each item; whatever it says beside that is a failure."""
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-s"],
        input=text.encode(),
        capture_output=True,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"} | environment,
    )
    assert (done.returncode, done.stderr.decode()) == (0, ""), text
    return done.stdout.decode().split("\0")[:-1]


def meant(word: Word, values: dict[str, str]) -> str:
    """The text that a word stands for, when variables have these values."""
    return "".join(values[part.name] if isinstance(part, Var) else _text(part) for part in parts(word))


def _text(part: str | Answer | Var) -> str:
    return str(part.pipeline[0][2]).rstrip("\n") if isinstance(part, Answer) else str(part)


_RECORDERS = """
PATH=/nonexistent
record() { printf '%s\\0' "$#" "$@"; } >&3
verbs="step once possible part_of if_made skip_if unless undo_while only_if sets undo run expect refute moment need"
verbs="$verbs remark"
for word in $verbs; do eval "$word() { record $word \\"\\$@\\"; }"; done
finish() { :; }
test() { command_not_found_handle test "$@"; }
command_not_found_handle() { printf '%s\\0' "$#" "$@" >>"$programs/$BASHPID"; printf '%s' "$found"; }
"""


class Heard(NamedTuple):
    """What bash read: the script's own words in order, and the programs that it asked for answers."""

    verbs: list[list[str]]
    programs: Counter[tuple[str, ...]]


def heard(text: str, found: str) -> Heard:
    """Let bash read a script without doing anything of it; the programs of a pipe each write to a file of their own."""
    with tempfile.TemporaryDirectory() as programs:
        printed = bash(f"exec 3>&1 >/dev/null\n{_RECORDERS}\n{text}", found=found, programs=programs)
        asked = [path.read_bytes().decode().split("\0")[:-1] for path in Path(programs).iterdir()]
    return Heard(records(printed), Counter(tuple(record) for items in asked for record in records(items)))


def records(items: list[str]) -> list[list[str]]:
    """Each record: how many words, then the words."""
    left = iter(items)
    return [[next(left) for _ in range(int(length))] for length in left]


class Meaning:
    """What a plan means, without a quote anywhere.  `found` is what every question is answered with."""

    def __init__(self, plan: Plan, dialect: str, found: str) -> None:
        self.found = found.rstrip("\n")
        self.programs: Counter[tuple[str, ...]] = Counter()
        made = compiled(plan, dialect)
        self.values = made.variables | {"uplink": self.found, "pid": self.found}
        self.lines = made.lines
        self.values |= {line.variable.name: self.found for line in self.lines if line.variable}
        self.verbs = [verb for line in self.lines for verb in self._verbs(line)]

    def words(self, argv: Argv) -> list[str]:
        """A command, as the program would get it; a shell of its own gets one with operators in it."""
        if any(isinstance(word, Operator) for word in argv):
            *_, text = shlex.split(shell.argv(argv))
            if all(isinstance(part, str) for word in argv for part in parts(word)):
                assert shlex.split(text) == [str(*parts(word)) for word in argv]
            return ["sh", "-c", text]
        return ["".join(map(self._part, parts(word))) for word in argv]

    def _part(self, part: str | Var | Answer) -> str:
        match part:
            case Var(name):
                return self.values.get(name, self.found)
            case Answer(pipeline):
                self.asked(pipeline)
                return self.found
        return part

    def asked(self, pipeline: tuple[Argv, ...]) -> None:
        """Count the programs of a pipeline."""
        self.programs.update(tuple(self.words(argv)) for argv in pipeline)

    def _verbs(self, line: Line) -> Iterator[list[str]]:
        if line.kind in ("need", "remark"):
            yield [line.kind, *self.words((line.say, *line.need))]
            return
        inside = (line.netns,) if line.netns is not None and line.kind != "probe" else ()
        yield ["step", str(line.number), *self.words((line.say, *inside))]
        if line.kind == "capture":
            self.asked(line.question)
        elif line.kind == "probe":
            verb: Argv = ("refute",) if line.refute else ("expect", line.expect)
            yield [*self.words((*(("moment",) if line.passing else ()), *verb)), *self.words(line.run)]
        else:
            yield from self._step(line)

    def _step(self, line: Line) -> Iterator[list[str]]:
        if line.once and line.unless:
            yield ["once"]
        for verb, argv in (
            ("possible", line.possible),
            ("part_of", tuple(map(str, line.part_of))),
            *self._unless(line),
            ("undo_while", line.remains),
            ("only_if", line.only_if),
            ("sets", line.sets if line.undo else ()),
            ("undo", line.undo),
        ):
            if argv:
                yield [verb, *self.words(argv)]
        yield ["run", *self.words(line.run)]

    def _unless(self, line: Line) -> Iterator[tuple[str, Argv]]:
        match question := line.unless:
            case ("foreign", name, *rest):
                maker = (each.number for each in self.lines if each.undo == ("ip", "link", "del", "dev", name))
                yield "if_made", (str(next(iter(line.part_of), next(maker, 0))),)
                yield "unless", tuple(rest)
            case ("router_or", *rest):
                yield "skip_if", ("is", "1", "sysctl", "-n", "net.ipv4.ip_forward")
                yield "unless", tuple(rest)
            case ("all_of", *rest):
                yield "unless", question
                yield "undo_while", ("any_of", *rest)
            case ("is_lent" | "moved_over", *rest):
                yield "unless", question
                yield "undo_while", ("lent_or_bare", *rest)
            case _:
                yield "unless", question


def bodies(plan: Plan, dialect: str) -> str:
    """The needs and the steps of a script."""
    script = render.script(plan, dialect)
    return script.needs + "".join(piece.body for piece in script.pieces)


def means_itself(plan: Plan, dialect: str, found: str) -> None:
    """Assert that bash reads of a plan's script just what the plan means."""
    meaning = Meaning(plan, dialect, found)
    known = "".join(f"{name}={shlex.quote(meaning.values[name])}\n" for name in meaning.values)
    read = heard(known + bodies(plan, dialect), found)
    assert read.verbs == meaning.verbs
    assert read.programs == meaning.programs


TEXTS = st.builds(Var, st.just("pid")) | st.builds(Var, st.just("GUEST"), st.just("web")) | TEXT
_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "Text": TEXTS,
    "int": st.integers(0, 9999),
    "bool": st.booleans(),
    "Var": st.just(Var("pid", numeric=True)),
    "NetnsPath": st.builds(operations.NetnsPath, TEXTS, TEXT),
    "Text | tuple[Text, ...]": TEXTS | st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    "tuple[Text, ...]": st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    "tuple[str, ...]": st.lists(TEXT, max_size=3).map(tuple),
    "Rule": st.builds(operations.Rule, TEXT, TEXT, TEXT, st.sampled_from((4, 6)), TEXT, TEXTS, TEXTS),
}
_BY_NAME = {
    "variable": st.just(Var("pid", numeric=True)),
    "runtime": st.sampled_from(RUNTIMES),
    "manager": st.sampled_from(sorted(MANAGERS)),
    "packages": st.lists(TEXT, max_size=3).map(tuple),
    "known": st.lists(TEXT, max_size=3).map(tuple),
    "command": st.lists(TEXT, max_size=3).map(tuple),
    "version": st.sampled_from((4, 6)),
}


def _field(name: str, kind: object) -> st.SearchStrategy[Any]:
    return _BY_NAME[name] if name in _BY_NAME else _FIELDS[str(kind)]


def hints(kind: type) -> dict[str, str]:
    """The fields of an operation, those it inherits first, as they are annotated."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        found |= vars(each).get("__annotations__", {})
    return {name: found[name] for name in kind.__match_args__}


def operation_of(kind: type, what: str = "") -> st.SearchStrategy[Any]:
    """An operation of a class, and of a row of its table, with anything in its fields."""
    if issubclass(kind, Question):
        of_row = _BY_NAME if "File" in what else {**_OF_ROW, **_BY_NAME}
        values = {name: of_row.get(name, TEXTS) for name in kind.takes(what)}
        about = {"variable": st.just(Var("pid", numeric=True))} if kind is Capture else {}
        return st.builds(kind, what=st.just(what), **about, **values)
    given = {name: _field(name, hint) for name, hint in hints(kind).items()}
    return st.builds(kind, **given | ({"what": st.just(what)} if what else {}))


_OF_WORDS = ("devices", "kept", "taken", "clients", "like", "words", "rule", "names", "publications", "ports")
_OF_ROW: dict[str, st.SearchStrategy[Any]] = {
    name: st.builds(operations.NetnsPath, TEXTS, TEXT) for name in ("path", "home", "other")
}
_OF_ROW |= {name: st.lists(TEXT, max_size=3).map(tuple) for name in _OF_WORDS}
_OF_ROW |= {"destination": TEXTS | st.lists(TEXTS, min_size=1, max_size=3).map(tuple)}


def _kinds() -> Iterator[tuple[type, str]]:
    """Every class of operations, and each row of those that have a table."""
    for kind in CLASSES.values():
        rows = kind.QUESTIONS if issubclass(kind, Question) else SETTINGS if kind is operations.LinkSet else ("",)
        yield from ((kind, what) for what in rows if issubclass(kind, operations.Operation))


KINDS = sorted(_kinds(), key=str)
OPERATIONS = st.sampled_from(KINDS).flatmap(lambda kind: operation_of(*kind))
PLACES = st.none() | st.builds(Netns, TEXT) | st.builds(Container, st.sampled_from(("docker", "podman")), TEXTS)
KNOWN = NetnsBind("x", Var("GUEST", "web"))  # with it GUEST is always among a plan's variables
EXPECTATIONS = st.none() | st.builds(Expect, st.booleans(), TEXTS, st.booleans())


@st.composite
def steps(draw: st.DrawFn) -> Step:
    """A step with anything in its fields."""
    operation = draw(OPERATIONS)
    if isinstance(operation, operations.Need):
        return Step(operation)
    if isinstance(operation, operations.RuleSearch | operations.RepositoryAdd):
        return Step(operation, None, draw(EXPECTATIONS))  # a pipe or a redirection has no place but the host
    if isinstance(operation, operations.EngineBridgeSet):
        return Step(operation)  # a redirection has no place but the host
    return Step(operation, draw(PLACES), None if isinstance(operation, Capture) else draw(EXPECTATIONS))


def header(plan: Plan, names: tuple[str, ...]) -> list[str]:
    """The values that a script's header gives to variables.  The header says and does nothing else."""
    top = "\n".join(render.script(plan).head.split("\n")[:-1]).replace("trap 'echo", ": 'echo")
    tail = "".join(f"printf '%s\\0' \"${name}\"\n" for name in names)
    return bash(f"PATH=/nonexistent\n{top}\n{tail}")
