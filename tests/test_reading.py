"""A command line read back: what a plan has as its command gives that plan."""

from __future__ import annotations

import shlex
from collections.abc import Callable

import pytest

from bridgekit.errors import InputError
from bridgekit.plan import Plan
from bridgekit.recipes import RECIPES
from bridgekit.recipes.reading import from_words, has_option, options
from tests.plans import RECIPE_PLANS


@pytest.mark.parametrize("make", RECIPE_PLANS.values(), ids=RECIPE_PLANS)
def test_a_plans_command_makes_it_again(make: Callable[[], Plan]) -> None:
    plan = make()
    words = shlex.split(plan.command)
    assert from_words(RECIPES[words[1]], words[2:]) == plan


@pytest.mark.parametrize(
    ("words", "internal"),
    [
        ("--internal", True),
        ("--internal=true", True),
        ("--internal=false", False),
        ("--no-internal", False),
        ("--no-internal=false", True),
        ("--internal --no-internal", False),
        ("", False),
    ],
)
def test_a_switch_as_the_engine_writes_it(words: str, internal: bool) -> None:
    assert from_words(RECIPES["network"], ["blue", *words.split()]).parameters["internal"] is internal


@pytest.mark.parametrize("words", ["-p 8080:80", "-p8080:80", "-p=8080:80", "--publish 8080:80", "--publish=8080:80"])
def test_a_value_beside_its_option_or_in_it(words: str) -> None:
    assert from_words(RECIPES["wire"], ["web", *words.split()]).parameters["publish"] == ("8080:80",)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["blue", "--subnet"], "an option without its value: '--subnet'"),
        (["blue", "--internal=maybe"], "neither true nor false: 'maybe'"),
        (["blue", "red"], "not a word of `bridgekit network`: 'red'"),
        (["blue", "-x"], "not a word of `bridgekit network`: '-x'"),
    ],
)
def test_refusals(words: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        from_words(RECIPES["network"], words)


def test_every_option_that_is_listed_is_known() -> None:
    for procedure in RECIPES.values():
        assert all(has_option(procedure, option) for option in options(procedure))
    assert {"-p", "-P", "-h", "--publish-all", "--add-host"} < {*options(RECIPES["wire"])}
    assert "--guest" not in options(RECIPES["wire"])
    assert not has_option(RECIPES["wire"], "web")
