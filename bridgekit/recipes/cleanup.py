"""Names of namespaces that are gone."""

from __future__ import annotations

from bridgekit.operations import NetnsPrune
from bridgekit.plan import Steps
from bridgekit.recipes.registry import recipe


@recipe("cleanup", document="003")
def cleanup() -> Steps:
    """Remove the dangling names under /run/netns, and only those.

    Source: sequence 003.cleanup; man 1 find, -L.
    """
    yield NetnsPrune()
