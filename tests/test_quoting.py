"""What bash reads is what was meant: text stays text, whatever is in it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from bridgekit import operations, recipes, render
from bridgekit.compile import compiled
from bridgekit.dialects import NAMES as DIALECTS
from bridgekit.errors import InputError
from bridgekit.operations import BridgeAdd, NetnsBind
from bridgekit.plan import Plan, Step
from bridgekit.render import shell
from bridgekit.words import Answer, Operator, Var, Word
from tests.meaning import (
    KINDS,
    KNOWN,
    TEXT,
    WORDS,
    Meaning,
    bash,
    header,
    heard,
    means_itself,
    meant,
    operation_of,
    quick,
    steps,
)

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(quick, max_examples=120)
@given(made=st.lists(steps(), min_size=1, max_size=8), found=TEXT)
def test_a_plan_by_hand_means_itself(dialect: str, made: list[Step], found: str) -> None:
    means_itself(Plan.of("x", KNOWN, *made), dialect, found)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind[0].__name__} {kind[1]}")
@settings(quick, max_examples=6)
@given(data=st.data())
def test_every_operation_means_itself(kind: tuple[type, str], data: st.DataObject) -> None:
    """As above, so that no kind is left to chance."""
    operation = data.draw(operation_of(*kind))
    means_itself(Plan.of("x", operation, KNOWN), "document", data.draw(TEXT))


# A word of the vocabulary that plain text carries; on one line, or to a brace alone.
_DEFINITION = re.compile(r"^(?:\w+\(\) \{(?: .*; \}.*| .*\n(?:.*\n)*?\})|export -f .*)$", re.M)


def _has_no_operator(operation: operations.Operation) -> bool:
    """A redirection of plain text would be done, and on this machine."""
    (line,) = compiled(Plan.of("x", operation), "document").lines
    return not any(isinstance(word, Operator) for word in line.run)


_PLAIN = st.sampled_from([kind for kind in KINDS if not issubclass(kind[0], operations.Need)]).flatmap(
    lambda kind: operation_of(*kind)
)


@quick
@given(st.lists(_PLAIN.filter(_has_no_operator)))
def test_the_plain_style_means_itself(made: list[Any]) -> None:
    plan = Plan.of("x", *made)
    meaning = Meaning(replace(plan, steps=()), "document", "4242")
    made_ = compiled(plan, "document")
    meaning.values |= made_.variables | {line.variable.name: "4242" for line in made_.lines if line.variable}
    for line in made_.lines:
        meaning.asked(line.question or (line.run,))
    text = _DEFINITION.sub("", render.plain(plan, "document"))
    known = "".join(f"{name}={shlex.quote(value)}\n" for name, value in ({"pid": "4242"} | meaning.values).items())
    assert heard(f"{known}{text}\n:", "4242").programs == meaning.programs


def test_a_broken_script_is_heard() -> None:
    """The measure itself: text that gets out of its quotes is seen."""
    good = "step 1 'a'\n  run ip link\n"
    assert heard(good, "").verbs == [["step", "1", "a"], ["run", "ip", "link"]]
    assert heard(good + "echo $(no)\n", "").programs == {("no",): 1}
    with pytest.raises(AssertionError):
        heard(good + "'", "")


# ------------------------------------------------------------------------------------ header


@quick
@given(TEXT)
def test_a_command_stays_in_its_comment_and_in_the_journal(command: str) -> None:
    plan = replace(Plan.of("x", BridgeAdd("br0")), command=command)
    one_line = " ".join(command.split())
    assert header(plan, ()) == []
    text = str(render.script(plan))
    assert text.count(f"# Made by: {one_line}\n") == bool(one_line)
    (line,) = re.findall(r"^MADE_BY=.*$", text, re.M)
    assert bash(f"{line}\nprintf '%s\\0' \"$MADE_BY\"\n") == [one_line or "-"]


@quick
@given(TEXT.filter(bool))
def test_a_default_is_only_a_value(default: str) -> None:
    plan = Plan.of("x", NetnsBind("x", Var("GUEST", default)))
    assert header(plan, ("GUEST",)) == [default]


@pytest.mark.parametrize("default", ["web", "ubuntu:14.04", "203.0.113.2", "a.b-c_d"])
def test_a_usual_default_has_no_quotes(default: str) -> None:
    plan = Plan.of("x", NetnsBind("x", Var("GUEST", default)))
    assert f"\nGUEST=${{GUEST:-{default}}}   # " in str(render.script(plan))
    assert header(plan, ("GUEST",)) == [default]


@pytest.mark.parametrize("style", render.STYLES)
def test_a_title_stays_in_its_comment(style: str) -> None:
    plan = replace(recipes.bridge("br0"), parameters={"bridge": "br0\necho no\n#", "address": None})
    top = render.text(plan, style).split("\nstep 1 ", 1)[0]
    assert [line for line in top.splitlines() if line == "echo no"] == []


@pytest.mark.parametrize("name", ["", "1", "a b", "x}; echo no; ${x", "x\n", "$(echo no)", "x[0]", "é", "a-b", "x=1"])
def test_a_variable_has_a_name(name: str) -> None:
    with pytest.raises(InputError):
        render.text(Plan.of("x", NetnsBind("x", Var(name, "web"))))


@pytest.mark.parametrize("name", ["", "x; echo no", "$(echo no)", "../x", "x\necho no"])
def test_a_plan_has_a_name(name: str) -> None:
    with pytest.raises(InputError):
        render.text(Plan(name, "by-hand", ()))
