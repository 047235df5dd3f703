"""The engine of a test session; after each test the engine's host is as it was before the first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docker.engine import Engine, running_engine

# The rules apart from bridgekit's own reading of them, in the kernel's order.  A table without any, which iptables
# leaves behind, is as good as none.
_STATE = r"""
python -c 'from bridgekit import facts; print(*facts.snapshot(), sep="\n")'
for program in iptables ip6tables; do "$program-save" | sed -E 's/^(:[^ ]* [^ ]*) .*/\1/; /^#/d' |
  sed -zE 's/\*[a-z]+\n(:[A-Z]+ ACCEPT\n)*COMMIT\n//g'; done
"""
_TIDY = """
[ ! -e /run/bridgekit ] || python -m bridgekit undo --all
docker ps -q --filter status=paused | xargs -r docker unpause >/dev/null
docker ps -aq | xargs -r docker rm -f >/dev/null
"""


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """A real Docker engine with an image `bb` of busybox, an uplink em1 and 203.0.113.2 beyond it."""
    with running_engine() as running:
        yield running


@pytest.fixture(scope="session")
def pristine(engine: Engine) -> str:
    """The engine's host before the first test."""
    return state(engine)


@pytest.fixture(autouse=True)
def _left_as_found(engine: Engine, pristine: str) -> Iterator[None]:
    yield
    tidied = engine.sh(_TIDY, code=None)
    assert state(engine) == pristine, f"a test left the engine's host changed\n{tidied.stdout}\n{tidied.stderr}"


def state(engine: Engine) -> str:
    """All of the engine's host that bridgekit could change: its snapshot, and the rules in their order."""
    return engine.print(_STATE)
