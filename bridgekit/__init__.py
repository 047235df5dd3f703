"""Container networks made by hand: read, run or learn the exact sequence of commands."""

__version__ = "0.1.0"
