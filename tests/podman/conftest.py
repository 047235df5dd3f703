"""The podman of a test session, with some containers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.docker.conftest import state
from tests.docker.engine import Engine
from tests.podman.engine import running_podman

# One without a network, one that publishes a port on podman's own, one on a network beside it.
_CONTAINERS = """
podman network create blue >/dev/null
serve='mkdir -p /www; echo "I am $(hostname)" >/www/index.html; exec httpd -f -p 80 -h /www'
podman run -d --name alone --network none --hostname alone bb sh -c "$serve" >/dev/null
podman run -d --name web --hostname web -p 8080:80 --expose 81/udp bb sh -c "$serve" >/dev/null
podman run -d --name own --hostname own --network blue bb sh -c "$serve" >/dev/null
"""


@pytest.fixture(scope="session")
def podman() -> Iterator[Engine]:
    """A real podman with containers `alone`, `web` (10.88.0.2) and `own` (on a network `blue`).

    Tests leave their runs in force; at the end all are undone at once, and its host must be as it was.
    """
    with running_podman() as running:
        running.sh(_CONTAINERS)
        pristine = state(running)
        yield running
        running.sh("python -m bridgekit undo --all", code=None)
        assert state(running) == pristine, "the tests left podman's host changed"
