"""`python -m bridgekit`."""

from bridgekit.cli import main

main()
