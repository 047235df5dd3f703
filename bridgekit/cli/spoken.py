"""What the command line prints, in the locale's language."""

from __future__ import annotations

from bridgekit.cli.options import locale_language
from bridgekit.translation import tr, translated


def local(template: str, *values: object) -> str:
    """A sentence of ours as the reader shall see it; the template as for `tr`."""
    return translated(tr(template, *values), locale_language())


def locally(text: str) -> str:
    """The same of a sentence that is made already; any other text stays as it is."""
    return translated(text, locale_language())
