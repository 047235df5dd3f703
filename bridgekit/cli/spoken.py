"""What the command line prints, in the reader's language."""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import TextIO

from bridgekit.cli.options import locale_language
from bridgekit.translation import LANGUAGES, Said, tr, translated


def language() -> str:
    """The one that the command line asks for, or the locale's, if it can be written here."""
    words = sys.argv[1:]
    asked = [word for before, word in pairwise(words) if before == "--lang"]
    asked += [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    wanted = next((word for word in asked if word in LANGUAGES), locale_language())
    return "en" if wanted != "en" and not all(map(_has_letters, (sys.stdout, sys.stderr))) else wanted


def _has_letters(stream: TextIO | None) -> bool:
    try:
        "是".encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def local(template: str, *values: object) -> str:
    """A sentence of ours as the reader shall see it; the template as for `tr`."""
    return translated(tr(template, *values), language())


def locally(text: str) -> str:
    """The same of a sentence that is made already; any other text stays as it is."""
    return translated(text, language())


def ours(text: str) -> str:
    """The same where it may be a name, which stays, even if it reads as a sentence of ours."""
    return locally(text) if isinstance(text, Said) else text
