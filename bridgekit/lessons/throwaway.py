"""What a throw-away host has, where a lesson's network leads to."""

from __future__ import annotations

from bridgekit.plan import Netns
from bridgekit.words import Var

HOST, OUTSIDE = "203.0.113.1", "203.0.113.2"  # its uplink, and the world outside
WORLD = Netns("outside")  # where the latter lives
AWAY = Var("OUTSIDE", OUTSIDE)  # the same for a learner who is on a host of his own
