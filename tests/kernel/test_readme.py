"""The READMEs and the help topics: every command in them runs, and prints what they show."""

from __future__ import annotations

import re

import pytest

from tests.kernel.ordinary import User, readable, user  # fixtures
from tests.kernel.world import in_throwaway_host
from tests.readme import (
    FENCES,
    NOT_HERE,
    Command,
    blocks,
    count,
    matches,
    of_a_page,
    one_by_one,
    pages,
    session,
    taken_apart,
    wrong,
)

__all__ = ["readable", "user"]

ENGLISH, CHINESE = ({name: path.read_text("utf-8") for name, path in pages(lang).items()} for lang in ("en", "zh"))
SESSIONS = {f"{name}, en": session(text) for name, text in ENGLISH.items()}
# Most Chinese pages show the same, and then they are not run twice.
AS_A_USER = SESSIONS.pop("README, en")
SESSIONS |= {f"{name}, zh": session(text) for name, text in CHINESE.items() if session(text) != session(ENGLISH[name])}


@pytest.mark.kernel
@pytest.mark.parametrize("page", [page for page, commands in SESSIONS.items() if commands])
def test_the_commands_print_what_is_shown(page: str, user: User) -> None:
    """To an ordinary user, who is root in a throw-away host: `sudo` is one of its programs."""
    typed = [each.typed for each in SESSIONS[page]]
    said = user.bridgekit("sandbox", "--", "bash", "-c", of_a_page(typed))
    faults = wrong(SESSIONS[page], taken_apart(typed, said))
    assert not faults, "\n".join(faults)


@pytest.mark.kernel
def test_an_ordinary_user_can_type_the_readme(user: User) -> None:
    """On the machine itself: the README says that nothing of it is changed."""
    commands = AS_A_USER
    assert not any(each.by_sudo for each in commands)
    typed = [each.typed for each in commands]
    lines = f'cd {user.temporary}\nbridgekit() {{ {user.python} -m bridgekit "$@"; }}\n{one_by_one(typed)}'
    faults = wrong(commands, taken_apart(typed, user.run("bash", "-c", lines)))
    assert not faults, "\n".join(faults)


@in_throwaway_host()
def test_python_blocks_run() -> None:
    examples = [lines for fence, lines in blocks(ENGLISH["library"]) if fence == "python"]
    assert examples
    for example in examples:
        exec(compile(example, "library.md", "exec"), {})


@pytest.mark.parametrize("page", ENGLISH)
def test_a_page_is_the_same_in_both_languages(page: str) -> None:
    english, chinese = ENGLISH[page], CHINESE[page]
    for shape in (r"^#+ ", r"^\|", r"^- ", r"^```.*"):
        assert re.findall(shape, english, re.M) == re.findall(shape, chinese, re.M), shape
    typed = [[each.typed.replace(" --lang zh", "") for each in session(text)] for text in (english, chinese)]
    assert typed[0] == typed[1]
    python = [[lines for fence, lines in blocks(text) if fence in ("python", "text")] for text in (english, chinese)]
    assert python[0] == python[1]


def test_there_is_no_block_that_no_test_knows() -> None:
    for text in [*ENGLISH.values(), *CHINESE.values()]:
        assert {fence for fence, _ in blocks(text)} <= FENCES
        assert len(blocks(text)) * 2 == len(re.findall("^```", text, re.M))
        # As an example, `$ command` stands nowhere but in a console block.
        assert not re.findall(r"^\s*\$ ", re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M), re.M)
    typed = "\n".join([*ENGLISH.values(), *CHINESE.values()])
    assert all(each in typed for each in NOT_HERE)


def test_the_readme_says_how_many_commands_are_run() -> None:
    for language, text in (("en", ENGLISH["README"]), ("zh", CHINESE["README"])):
        assert re.findall(r"\b(\d+)\b", text.split("CONTRIBUTING.md)")[1]) == [*map(str, count(language))]


def test_what_is_shown() -> None:
    """The measure itself."""
    text = "```sh\ntrue   # a comment\n```\n\n```console\n$ echo a\na\n$ pipx install .\n$ false\n```\n"
    assert session(text) == [Command("true"), Command("echo a", "a\n"), Command("false", "")]
    assert matches("a\n...\nd\n", "a\nb\nc\nd\n")
    assert not matches("a\n", "a\nb\n")


@pytest.mark.kernel
def test_a_fault_is_seen() -> None:
    assert len(wrong([Command("echo a", "b\n"), Command("false"), Command("echo c", "c\n"), Command("true")])) == 2
