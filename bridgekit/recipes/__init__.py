"""WHY, for operators: one procedure a module, a generator of steps with free parameters."""

from bridgekit.recipes.attach import attach
from bridgekit.recipes.bridge import bridge
from bridgekit.recipes.outbound import outbound
from bridgekit.recipes.registry import RECIPES

__all__ = ["RECIPES", "attach", "bridge", "outbound"]
