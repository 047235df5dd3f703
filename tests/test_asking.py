"""A learner's keys: which word means which, and that no other does."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bridgekit.asking import choose, key_of


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", ""),
        ("  ", ""),
        ("执行", ""),
        ("s", "s"),
        ("S", "s"),
        (" skip ", "s"),
        ("ｓ", "s"),
        ("跳过", "s"),
        ("?", "?"),
        ("？", "?"),
        ("细说", "?"),
        ("ＱＵＩＴ", "q"),
        ("y", None),  # not one of these keys
        ("x", None),
        ("sb", None),
        ("stop", None),
        ("help", None),
        ("١", None),
        ("\x1b[A", None),
    ],
)
def test_a_key(text: str, key: str | None) -> None:
    assert key_of(text, "sbq?") == key


def test_it_is_asked_until_it_is_answered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed: Iterator[str] = iter(["maybe", "k", "No"])
    monkeypatch.setattr("builtins.input", lambda _: next(typed))
    assert choose("? ", "yn", "none of these") == "n"
    assert capsys.readouterr().out == "   none of these\n" * 2


def test_where_input_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", ends)
    assert choose("? ", "q", "none", "q") == "q"
