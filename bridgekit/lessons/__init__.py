"""WHY, for learners: a document's walk - recipes in its order, its names, its checks.

The order here is the one to learn in.
"""

from typing import TYPE_CHECKING

from bridgekit.recipes.registry import Shelf

if TYPE_CHECKING:
    from bridgekit.lessons.docker_by_hand import docker_by_hand as docker_by_hand

LESSONS = Shelf(__name__, "docker-by-hand")
__getattr__ = LESSONS.function
