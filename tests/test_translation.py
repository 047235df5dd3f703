"""bridgekit's own words in the reader's language: the catalogue is whole, and is what is shown."""

from __future__ import annotations

import ast
import copy
import gettext
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from bridgekit.errors import InputError
from bridgekit.translation import joined, told, tr, translated, whole
from bridgekit.wide import padded, width, wrapped
from tests import catalogue

ROOT = Path(__file__).resolve().parents[1]
THERE = {str(message.id): message for message in catalogue.there() if message.id}
SAID = catalogue.messages()
ERRORS = {"InputError": (0, 1), "HostError": (0, 1), "RunError": (0, 1), "OutputError": (0,), "refuse": (0, 2)}
# Hints that are commands, and what only a programmer meets.
_NO_WORDS = re.compile(r"apt-get |bridgekit |sudo |--distro |because\(|templates/|$")


def test_the_catalogue_has_what_is_said_and_nothing_else() -> None:
    assert len(SAID) > 500
    assert {"missing": SAID - set(THERE), "unused": set(THERE) - SAID} == {"missing": set(), "unused": set()}
    assert not catalogue.there().obsolete


def _values(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("english", sorted(SAID))
def test_a_sentence_is_translated(english: str) -> None:
    message = THERE[english]
    chinese = str(message.string)
    assert chinese
    assert not message.fuzzy
    assert _values(english) == _values(chinese), "both have the same values"
    assert english.endswith("\n") == chinese.endswith("\n")
    assert not re.search(r"[一-鿿][,;:?!]", chinese), "Chinese has marks of its own"


def test_it_is_compiled() -> None:
    with catalogue.MO.open("rb") as file:
        compiled = vars(gettext.GNUTranslations(file))["_catalog"]
    assert {key: text for key, text in compiled.items() if key} == {key: THERE[key].string for key in THERE}


def _calls() -> Iterator[tuple[str, str, ast.Call]]:
    for path in catalogue.PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.func.id, node


def test_every_sentence_of_the_code_is_found() -> None:
    """Where it stands within an f-string, it would not be."""
    constants = {
        str(node.args[0].value): where
        for where, name, node in _calls()
        if name in catalogue.KEYWORDS and node.args and isinstance(node.args[0], ast.Constant)
    }
    assert {text: where for text, where in constants.items() if text not in SAID} == {}


def test_every_refusal_can_be_translated() -> None:
    bare = [
        where
        for where, name, node in _calls()
        for number in ERRORS.get(name, ())
        for argument in node.args[number : number + 1]
        if isinstance(argument, ast.JoinedStr | ast.Constant) and not _NO_WORDS.match(_start(argument))
    ]
    assert bare == []


def _start(text: ast.JoinedStr | ast.Constant) -> str:
    first = text.values[0] if isinstance(text, ast.JoinedStr) else text
    return str(first.value) if isinstance(first, ast.Constant) else ""


def test_a_sentence_is_english_and_knows_its_chinese() -> None:
    said = tr("not {0}: {1!r}", tr("an address"), "{x}")
    assert said == "not an address: '{x}'"
    assert json.dumps(said) == "\"not an address: '{x}'\""
    assert translated(said, "en") == said
    assert translated(said, "zh") == "不是地址：'{x}'"
    assert translated(copy.deepcopy(said), "zh") == translated(said, "zh")


def test_values_are_left_as_they_are() -> None:
    assert translated(tr("not {0}", "an address"), "zh") == "不是an address"
    assert translated(joined(["on", tr("on")]), "zh") == "on, 开"
    assert translated("said by nobody", "zh") == "said by nobody"
    assert translated("", "zh") == ""


def test_an_error_keeps_its_english() -> None:
    error = InputError(tr("not a port: {0!r}", "x"), tr("true or false"))
    assert str(error) == whole(error) == told(error, "en") == "not a port: 'x'\n  hint: true or false"
    assert told(error, "zh") == "不是端口：'x'\n  提示：true 或 false"


def test_columns_and_lines() -> None:
    assert [width("ab"), width("网桥"), padded("网桥", 6), padded("ab", 3)] == [2, 4, "网桥  ", "ab "]
    assert wrapped("要接入的网桥；没有就新建 br666", 12) == ["要接入的网", "桥；没有就新", "建 br666"]
    assert wrapped("（ip、bridge）或 document", 14) == ["（ip、bridge）", "或 document"]
    assert wrapped("to the very end", 8) == ["to the", "very end"]
    assert wrapped("", 8) == [""]


def spoken(*argv: str, **locale: str) -> subprocess.CompletedProcess[str]:
    """What a user of that locale is told."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    words = [sys.executable, "-m", "bridgekit", *argv]
    return subprocess.run(words, capture_output=True, text=True, cwd=ROOT, env={**kept, **locale}, encoding="utf-8")


ERROR = ("attach", "web", "10.0.0.2", "-n")


@pytest.mark.parametrize("locale", [{"LC_ALL": "zh_CN.UTF-8"}, {"LANG": "zh_CN.UTF-8"}, {"LC_MESSAGES": "zh_TW.UTF-8"}])
def test_an_error_in_a_chinese_locale(locale: dict[str, str]) -> None:
    done = spoken(*ERROR, **locale)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bridgekit: 地址缺少前缀：'10.0.0.2'\n  提示：是不是想写 10.0.0.2/24？\n"


@pytest.mark.parametrize("locale", [{}, {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, {"LANG": "C.UTF-8"}])
def test_any_other_locale_is_english(locale: dict[str, str]) -> None:
    done = spoken(*ERROR, **locale)
    assert done.stderr == "bridgekit: an address without its prefix: '10.0.0.2'\n  hint: did you mean 10.0.0.2/24?\n"


def test_where_chinese_cannot_be_written_it_is_english() -> None:
    done = spoken(*ERROR, LC_ALL="zh_CN.UTF-8", PYTHONIOENCODING="ascii")
    assert done.stderr.startswith("bridgekit: an address without its prefix: ")


@pytest.mark.parametrize("asked", [("--lang", "zh"), ("--lang=zh",)])
def test_the_command_line_may_ask_for_a_language(asked: tuple[str, ...]) -> None:
    assert "地址缺少前缀" in spoken(*ERROR, *asked, LC_ALL="C.UTF-8").stderr
    assert "without its prefix" in spoken(*ERROR, "--lang", "en", LANG="zh_CN.UTF-8").stderr


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("attach", "错误：缺少参数 'GUEST'。"),
        ("atach", "错误：没有命令 'atach'。是不是想写 'attach'"),
        ("attach web 10.0.0.2/24 --gatway x", "错误：没有选项：--gatway（可能是：--gateway"),
        ("attach web 10.0.0.2/24 more", "错误：多出了参数（more）"),
        ("attach web 10.0.0.2/24 --mtu", "错误：选项 '--mtu' 需要一个值。"),
        ("undo", "bridgekit: 没有说要撤销什么"),
    ],
)
def test_a_mistyped_command_line(typed: str, said: str) -> None:
    done = spoken(*typed.split(), LANG="zh_CN.UTF-8")
    assert said in done.stderr
    assert done.returncode == 2
    assert not re.search("[一-鿿]", spoken(*typed.split(), LC_ALL="C").stderr)


@pytest.mark.parametrize("command", ["", "attach", "learn", "learn mesh", "show", "undo", "explain-option", "sandbox"])
def test_help_is_chinese(command: str) -> None:
    shown = spoken(*command.split(), "--help", LANG="zh_CN.UTF-8").stdout
    assert shown.startswith("用法：bridgekit")
    told_, _, examples = shown.partition("示例：")
    assert max(map(width, told_.splitlines())) <= 80
    sentences = re.findall(r"(?:[a-z]+ ){3,}[a-z]+", told_)
    assert sentences == [], "no sentence is English"
    assert bool(examples) or not command


def test_lists_are_chinese_and_aligned() -> None:
    lines = spoken("lessons", LANG="zh_CN.UTF-8").stdout.splitlines()
    assert all("分钟" in line for line in lines)
    assert len({width(re.match(r"\S+ +\d+ 分钟  .*?  +", line)[0]) for line in lines}) == 1  # type: ignore[index]
    assert "把运行中的客体接到网桥上。" in spoken("recipes", LANG="zh_CN.UTF-8").stdout


def test_what_is_seen_is_chinese_and_data_is_not() -> None:
    chinese, english = (spoken("doctor", LC_ALL=locale).stdout for locale in ("zh_CN.UTF-8", "C"))
    assert chinese.startswith("权限\n")
    assert english.startswith("rights\n")
    data = [spoken("doctor", "--json", LC_ALL=locale).stdout for locale in ("zh_CN.UTF-8", "C")]
    assert not re.search("[一-鿿]", data[0])
    assert [each["section"] for each in json.loads(data[0])] == [each["section"] for each in json.loads(data[1])]
    assert "路由\n" in spoken("show", LC_ALL="zh_CN.UTF-8").stdout
    assert spoken("show", LC_ALL="C").stdout.startswith("bridges\n")


def test_english_loads_nothing_of_this() -> None:
    code = (
        "import sys; sys.argv = 'bridgekit attach web 10.0.0.2/24 -n'.split()\n"
        "import bridgekit.cli\n"
        "try: bridgekit.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "print([name for name in ('bridgekit.cli.foreign', 'bridgekit.wide') if name in sys.modules], end='',"
        " file=sys.stderr)"
    )
    kept = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=kept)
    assert (done.returncode, done.stderr) == (0, "[]")
