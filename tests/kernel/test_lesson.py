"""The lesson, as a learner's unattended walk."""

from __future__ import annotations

import pytest

from bridgekit import lessons, render, run
from tests.kernel.world import in_throwaway_host


@pytest.mark.parametrize("dialect", ["document", "modern"])
@in_throwaway_host(ids=("6414d7278905",))
def test_every_probe_is_as_the_document_says(dialect: str) -> None:
    heard: list[str] = []
    script = render.script(lessons.docker_by_hand(), dialect)
    run.run(script, listen=heard.append)
    assert [line.split()[1] for line in heard] == [
        f"{n}/{len(script.pieces)}" for n in range(1, len(script.pieces) + 1)
    ]
    assert {line.split()[0] for line in heard} <= {"ok", "same"}
