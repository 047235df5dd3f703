"""What a refusal says of the way out."""

from __future__ import annotations

import pytest

from bridgekit import recipes, upkeep
from bridgekit.errors import HostError
from bridgekit.explain import phrase
from bridgekit.journal import Run
from bridgekit.refused import way_out
from bridgekit.translation import LANGUAGES, tr


@pytest.mark.parametrize("lang", LANGUAGES)
def test_who_is_not_root_is_told_just_that(lang: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine is asked: an ordinary user's podman leaves a process behind."""
    monkeypatch.setattr("bridgekit.facts.guests.inode", lambda _: pytest.fail("nothing must be asked"))
    error = HostError(tr("bridgekit: {0}", phrase("not_root", lang)))
    assert way_out(recipes.attach("web", "10.0.0.2/24"), error, lang) is error


def test_a_namespace_that_a_run_made_is_no_guest_that_has_restarted() -> None:
    words = ("mesh", "br666", "10.0.0.0/24", "--count", "2")
    run = Run("mesh-br666", plan=("bridgekit", *words), inside=("br666-1", "br666-2", "left"))
    assert upkeep.stale(run) == ["left"]


def test_a_name_that_was_bound_to_a_guest_that_has_restarted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridgekit.facts.guests.inode", lambda _: 1)
    run = Run("attach-nobody-eth0", plan=("bridgekit", "attach", "nobody", "10.0.0.2/24"), inside=("nobody",))
    assert upkeep.stale(run) == ["nobody"]
