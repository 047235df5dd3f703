"""`python -m tests.golden`: write the golden files and scripts/examples anew."""

from tests.golden import write

write()
