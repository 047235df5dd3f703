"""WHY, for learners: a document's walk - recipes in its order, its names, its checks."""

from bridgekit.lessons.docker_by_hand import docker_by_hand
from bridgekit.recipes.registry import LESSONS

__all__ = ["LESSONS", "docker_by_hand"]
