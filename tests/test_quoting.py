"""What bash reads is what was meant: text stays text, whatever is in it.

No command of a rendered script is run here: its own words (`run`, `undo`, ...) become functions that
write down what they were given, and so does every program, which PATH no longer finds.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from bridgekit import explain, operations, recipes, render
from bridgekit.dialects import MODERN, NAMES as DIALECTS, Dialect, dialect as named_dialect
from bridgekit.errors import InputError
from bridgekit.guard import guard, possible
from bridgekit.inverse import inverse
from bridgekit.operations import AddressAdd, BridgeAdd, NetnsBind
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
VARS = st.sampled_from((Var("first"), Var("SECOND", "default"), Var("x_3", "")))
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


# ------------------------------------------------------------------------------------- words


@quick
@given(st.lists(WORDS, min_size=1, max_size=40), TEXT, TEXT, TEXT)
def test_words_are_read_back(words: list[Word], first: str, second: str, third: str) -> None:
    values = {"first": first, "SECOND": second, "x_3": third}
    read = bash(f"printf '%s\\0' {shell.argv(tuple(words))}", **values)
    assert read == [meant(word, values) for word in words]
    read = bash("".join(f"printf '%s\\0' {shell.word(word)}\n" for word in words), **values)
    assert read == [meant(word, values) for word in words]


@quick
@given(st.lists(TEXT, min_size=1, max_size=40))
def test_a_pipe_is_read_back(texts: list[str]) -> None:
    piped = shell.pipe((("printf", "%s\\0", *texts), ("cat",)))
    assert bash(piped) == texts


@quick
@given(st.lists(WORDS, min_size=1, max_size=40), TEXT)
def test_bare_words_are_read_back(words: list[Word], first: str) -> None:
    values = {"first": first, "SECOND": "default", "x_3": "given"}
    assert bash(f"printf '%s\\0' {shell.bare(tuple(words))}", **values) == [meant(word, values) for word in words]


@pytest.mark.parametrize("after", ["", "/ns/net", ".", "-x", " ", "$", "'"])
def test_a_bare_number_is_read_back(after: str) -> None:
    word = ("/proc/", Var("pid", numeric=True), after)
    assert bash(f"printf '%s\\0' {shell.bare_word(word)}", pid="4242") == [f"/proc/4242{after}"]
    assert "$pid" in shell.bare_word(word)


def test_a_command_in_backticks_is_read_back() -> None:
    word = Answer((("printf", "%s", "a`b\\c$d"),), backticks=True)
    assert bash(f"printf '%s\\0' {shell.bare_word(word)}") == ["a`b\\c$d"]


@pytest.mark.parametrize("after", ["x", "_", "0"])
def test_a_bare_number_before_a_letter_is_read_back(after: str) -> None:
    word = (Var("pid", numeric=True), after)
    assert bash(f"printf '%s\\0' {shell.bare_word(word)}", pid="4242") == [f"4242{after}"]


def test_an_empty_word_is_read_back() -> None:
    assert bash(f"printf '%s\\0' {shell.argv(('a', (), 'b'))}") == ["a", "", "b"]
    assert bash(f"printf '%s\\0' {shell.bare(('a', (), 'b'))}") == ["a", "", "b"]


def test_what_needs_no_quotes_has_none() -> None:
    assert shell.argv(("iptables", "!", "-i", "br666", "10.0.0.0/24", "a:b,c=d@e%f+g_h-i")) == (
        "iptables ! -i br666 10.0.0.0/24 a:b,c=d@e%f+g_h-i"
    )
    assert shell.word("the guest's") == '"the guest\'s"'
    assert shell.word("guest's!") == "'guest'\"'\"'s!'"
    assert shell.bare_word(("/proc/", Var("pid", numeric=True), "/ns/net")) == "/proc/$pid/ns/net"
    assert shell.bare_word(Var("GUEST", "web")) == "web"


# ----------------------------------------------------------------------------- whole scripts

_RECORDERS = """
PATH=/nonexistent
record() { printf '%s\\0' "$#" "$@"; } >&3
verbs="step possible unless only_if undo run expect refute moment need"
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

    def __init__(self, plan: Plan, dialect: Dialect, found: str) -> None:
        self.found, self.dialect = found.rstrip("\n"), dialect
        self.programs: Counter[tuple[str, ...]] = Counter()
        self.values = plan.variables | {"uplink": self.found, "pid": self.found}
        self.verbs: list[list[str]] = []
        numbers = iter(range(1, len(plan.steps) + 1))
        for step in plan.steps:
            self.verbs += self._need(step) if step.is_need else self._step(step, str(next(numbers)))

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

    def _need(self, step: Step) -> Iterator[list[str]]:
        check = guard(step.operation)
        assert check is not None
        yield ["need", *self.words((explain.say(step, "en"), *check.words, *check.argv))]

    def _step(self, step: Step, number: str) -> Iterator[list[str]]:
        inside = (step.where.name,) if isinstance(step.where, Netns) and not step.expect else ()
        yield ["step", number, *self.words((explain.say(step, "en"), *inside))]
        question = self.dialect.question(step.operation)
        if question:
            self.asked(question)
            return
        command = self.dialect.command(step.operation, step.where)
        if step.expect:
            verb: Argv = ("expect", step.expect.text) if step.expect.ok else ("refute",)
            yield [*self.words((*(("moment",) if step.expect.passing else ()), *verb)), *self.words(command)]
            return
        if necessary := possible(step.operation):
            yield self.words(("possible", explain.without(step, "en"), *necessary.words, *necessary.argv))
        check, back = guard(step.operation), inverse(step.operation)
        if check:
            asked = MODERN.inside(check.argv, step.where) if check.argv else ()
            yield self.words(("unless", *(("superseded",) if step.once else ()), *check.words, *asked))
        if condition := self.dialect.precondition(step.operation, step.where):
            device = step.operation.device  # type: ignore[attr-defined]  # only an AddressAdd has a precondition
            yield self.words(("only_if", explain.phrase("replaces", "en", device=device), *condition))
        if back:
            yield self.words(("undo", *MODERN.command(back, step.where)))
        yield ["run", *self.words(command)]


def bodies(plan: Plan, dialect: str) -> str:
    """The part of a script after its prelude's functions: the needs and the steps."""
    script = render.script(plan, dialect)
    needs = script.prelude.split("\nesac\n", 1)[1]
    return needs + "".join(piece.body for piece in script.pieces)


def means_itself(plan: Plan, dialect: str, found: str) -> None:
    """Assert that bash reads of a plan's script just what the plan means."""
    meaning = Meaning(plan, named_dialect(dialect, plan.document), found)
    known = "".join(f"{name}={shlex.quote(meaning.values[name])}\n" for name in ("pid", "uplink", *plan.variables))
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
    "runtime": st.sampled_from(("docker", "podman")),
    "manager": st.sampled_from(("apt", "apk", "dnf", "pacman")),
    "packages": st.lists(TEXT, max_size=3).map(tuple),
    "known": st.lists(TEXT, max_size=3).map(tuple),
    "command": st.lists(TEXT, max_size=3).map(tuple),
    "version": st.sampled_from((4, 6)),
}


def _tellable(kind: type) -> bool:
    return explain.section(kind.__name__, "en") != {}


def _field(name: str, kind: object) -> st.SearchStrategy[Any]:
    return _BY_NAME[name] if name in _BY_NAME else _FIELDS[str(kind)]


def hints(kind: type) -> dict[str, str]:
    """The fields of an operation, those it inherits first, as they are annotated."""
    found: dict[str, str] = {}
    for each in reversed(kind.__mro__):
        found |= vars(each).get("__annotations__", {})
    return {name: found[name] for name in kind.__match_args__}


def _operation(kind: type) -> st.SearchStrategy[Any]:
    return st.builds(kind, **{name: _field(name, hint) for name, hint in hints(kind).items()})


KINDS = sorted((each for each in vars(operations).values() if isinstance(each, type) and _tellable(each)), key=str)
OPERATIONS = st.sampled_from(KINDS).flatmap(_operation)
PLACES = st.none() | st.builds(Netns, TEXT) | st.builds(Container, st.sampled_from(("docker", "podman")), TEXTS)
KNOWN = NetnsBind("x", Var("GUEST", "web"))  # with it GUEST is always among a plan's variables
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
    return Step(operation, draw(PLACES), None if MODERN.question(operation) else draw(EXPECTATIONS))


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(quick, max_examples=120)
@given(made=st.lists(steps(), min_size=1, max_size=8), found=TEXT)
def test_a_plan_by_hand_means_itself(dialect: str, made: list[Step], found: str) -> None:
    means_itself(Plan.of("x", KNOWN, *made), dialect, found)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(quick, max_examples=12)
@given(data=st.data())
def test_every_operation_means_itself(kind: type, data: st.DataObject) -> None:
    """As above, so that no kind is left to chance."""
    operation = data.draw(_operation(kind))
    means_itself(Plan.of("x", operation, KNOWN), "document", data.draw(TEXT))


# A word of the vocabulary that plain text carries; on one line, or to a brace alone.
_DEFINITION = re.compile(r"^\w+\(\) \{(?: .*; \}.*| .*\n(?:.*\n)*?\})$", re.M)


def _has_no_operator(operation: operations.Operation) -> bool:
    """A redirection of plain text would be done, and on this machine."""
    chosen = named_dialect("document")
    return chosen.question(operation) is not None or not any(
        isinstance(word, Operator) for word in chosen.command(operation)
    )


_PLAIN = st.sampled_from([kind for kind in KINDS if not issubclass(kind, operations.Need)]).flatmap(_operation)


@quick
@given(st.lists(_PLAIN.filter(_has_no_operator)))
def test_the_plain_style_means_itself(made: list[Any]) -> None:
    plan = Plan.of("x", *made)
    meaning = Meaning(replace(plan, steps=()), named_dialect("document"), "4242")
    meaning.values |= plan.variables | {"pid": "4242"}
    for operation in made:
        question = named_dialect("document").question(operation)
        meaning.asked(question or (named_dialect("document").command(operation),))
    text = _DEFINITION.sub("", render.plain(plan, "document"))
    assert heard(f"pid=4242\n{text}\n:", "4242").programs == meaning.programs


def test_a_broken_script_is_heard() -> None:
    """The measure itself: text that gets out of its quotes is seen."""
    good = "step 1 'a'\n  run ip link\n"
    assert heard(good, "").verbs == [["step", "1", "a"], ["run", "ip", "link"]]
    assert heard(good + "echo $(no)\n", "").programs == {("no",): 1}
    with pytest.raises(AssertionError):
        heard(good + "'", "")


# ------------------------------------------------------------------------------------ header


def header(plan: Plan, names: tuple[str, ...]) -> list[str]:
    """The values that a script's header gives to variables.  The header says and does nothing else."""
    top = str(render.script(plan)).split("\nset -euo pipefail\n", 1)[0]
    tail = "".join(f"printf '%s\\0' \"${name}\"\n" for name in names)
    return bash(f"PATH=/nonexistent\n{top}\n{tail}")


@quick
@given(TEXT)
def test_a_command_stays_in_its_comment_and_in_the_journal(command: str) -> None:
    plan = replace(Plan.of("x", BridgeAdd("br0")), command=command)
    one_line = " ".join(command.split())
    assert header(plan, ()) == []
    text = str(render.script(plan))
    assert text.count(f"# Made by: {one_line}\n") == bool(one_line)
    (line,) = re.findall(r"^  \[ -e \"\$LOG\" \] \|\| (log started .*)$", text, re.M)
    heard_ = bash(f"log() {{ printf '%s\\0' \"$@\"; }}\nchecksum() {{ echo -; }}\nTOTAL=1\n{line}\n")
    assert heard_ == ["started", "by-hand", "1", "-", one_line]


@quick
@given(TEXT.filter(bool))
def test_a_default_is_only_a_value(default: str) -> None:
    plan = Plan.of("x", NetnsBind("x", Var("GUEST", default)))
    assert header(plan, ("GUEST",)) == [default]


@pytest.mark.parametrize("default", ["web", "ubuntu:14.04", "203.0.113.2", "a.b-c_d"])
def test_a_usual_default_has_no_quotes(default: str) -> None:
    plan = Plan.of("x", NetnsBind("x", Var("GUEST", default)))
    assert f"\nGUEST=${{GUEST:-{default}}}\n" in str(render.script(plan))
    assert header(plan, ("GUEST",)) == [default]


@pytest.mark.parametrize("style", render.STYLES)
def test_a_title_stays_in_its_comment(style: str) -> None:
    plan = replace(recipes.bridge("br0"), parameters={"bridge": "br0\necho no\n#", "address": None})
    top = render.text(plan, style).split("\nset -euo pipefail\n", 1)[0]
    assert [line for line in top.splitlines() if "no" in line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", ["", "1", "a b", "x}; echo no; ${x", "x\n", "$(echo no)", "x[0]", "é", "a-b", "x=1"])
def test_a_variable_has_a_name(name: str) -> None:
    with pytest.raises(InputError):
        render.text(Plan.of("x", NetnsBind("x", Var(name, "web"))))


@pytest.mark.parametrize("name", ["", "x; echo no", "$(echo no)", "../x", "x\necho no"])
def test_a_plan_has_a_name(name: str) -> None:
    with pytest.raises(InputError):
        render.text(Plan(name, "by-hand", ()))


# ----------------------------------------------------------------------------------- recipes

NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}", fullmatch=True)
GUESTS = NAMES | st.builds("{}:{}".format, st.sampled_from(("docker", "podman", "netns")), NAMES) | st.just("pid:7")
ADDRESSES = st.sampled_from(("10.0.0.2/24", "10.0.0.3/24", "10.0.0.4/30", "2001:db8::2/64", "fd00::2/127"))
ROUTERS = st.sampled_from(("10.0.0.1", "10.0.0.254", "2001:db8::1"))


def _or_any(good: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.integers(0, 9).flatmap(lambda number: TEXT if number == 0 else good)


def _try(make: Any, given_: dict[str, Any]) -> Plan | None:
    """A recipe's plan, or None where it is refused; any other error is a failure."""
    try:
        plan: Plan = make(**given_)
    except InputError:
        return None
    return plan


def _in_its_place(plan: Plan, given_: dict[str, Any]) -> None:
    for dialect in DIALECTS:
        means_itself(plan, dialect, "found")
    lines = [line.split(None, 1) for line in bodies(plan, "modern").splitlines() if line.startswith("  ")]
    words = {word for verb, *rest in lines for word in shlex.split(rest[0]) if verb in ("run", "undo", "unless")}
    defaults = set(plan.variables.values())
    for name, value in given_.items():
        known = value.rpartition(":")[2] if name == "guest" else value.lower() if name == "mac" else value
        assert name == "handle" or known in words | defaults, (name, value)
    assert header(plan, tuple(plan.variables)) == list(plan.variables.values())
    assert shlex.split(plan.command)[:2] == ["bridgekit", plan.recipe]


@settings(quick, max_examples=100)
@given(st.fixed_dictionaries({"bridge": _or_any(NAMES)}, optional={"address": _or_any(ADDRESSES)}))
def test_anything_given_to_bridge(given_: dict[str, Any]) -> None:
    plan = _try(recipes.bridge, given_)
    if plan:
        _in_its_place(plan, given_)


@settings(quick, max_examples=100)
@given(
    st.fixed_dictionaries(
        {"guest": _or_any(GUESTS), "address": _or_any(ADDRESSES)},
        optional={
            "bridge": _or_any(NAMES),
            "gateway": _or_any(ROUTERS),
            "interface": _or_any(NAMES),
            "veth": _or_any(NAMES),
            "peer": _or_any(NAMES),
            "netns": _or_any(NAMES),
            "handle": _or_any(st.sampled_from(("bind", "symlink"))),
            "mac": _or_any(st.sampled_from(("02:42:0a:00:00:02", "02:42:0A:00:00:FE"))),
        },
    )
)
def test_anything_given_to_attach(given_: dict[str, Any]) -> None:
    plan = _try(recipes.attach, given_)
    if plan:
        _in_its_place(plan, given_)


@settings(quick, max_examples=100)
@given(
    st.fixed_dictionaries(
        {"subnet": _or_any(st.sampled_from(("10.0.0.0/24", "2001:db8::/64")))},
        optional={"bridge": _or_any(NAMES), "uplink": _or_any(NAMES)},
    )
)
def test_anything_given_to_outbound(given_: dict[str, Any]) -> None:
    plan = _try(recipes.outbound, given_)
    if plan:
        _in_its_place(plan, given_)


def test_the_cases_above_are_not_all_refused() -> None:
    taken = {"guest": "podman:web", "address": "10.0.0.2/24", "mac": "02:42:0A:00:00:FE", "gateway": "10.0.0.1"}
    plan = _try(recipes.attach, taken)
    assert plan is not None
    _in_its_place(plan, taken)
    with pytest.raises(AssertionError):
        _in_its_place(plan, {"address": "10.0.0.3/24"})
    assert _try(recipes.attach, {"guest": "$(id)", "address": "10.0.0.2/24"}) is None


def test_a_gateway_address_is_told_with_its_bridge() -> None:
    """A sentence with an apostrophe and a hostile field: in double quotes nothing of it may act."""
    step = Step(AddressAdd('a"$(echo no)`', "1"), note="gateway-address", facts={"bridge": '$x"`', "address": "\\"})
    read = heard(bodies(Plan.of("x", step), "modern"), "")
    assert read.verbs[0][2] == "Give $x\"` the gateway's address \\, if this run makes the bridge."
    assert not read.programs
