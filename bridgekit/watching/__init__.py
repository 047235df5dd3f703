"""Runs are done again when their guest starts: what is wanted, how it is done, and who hears of the starts."""

from __future__ import annotations

from bridgekit.watching.serving import Watch as Watch, serve as serve
from bridgekit.watching.wanted import of_file as of_file
