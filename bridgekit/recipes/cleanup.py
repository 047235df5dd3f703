"""Names of namespaces that are gone."""

from __future__ import annotations

from bridgekit.operations import NetnsPrune, NetnsSweep
from bridgekit.plan import Steps
from bridgekit.recipes.registry import recipe


@recipe("cleanup", document="003")
def cleanup() -> Steps:
    """Remove the names under /run/netns that lead to no namespace, and only those.

    Source: sequence 003.cleanup; man 1 find, -L.
    """
    yield NetnsPrune()
    yield NetnsSweep()
