"""What bridgekit itself says: in English, and on the screen of a Chinese reader in Chinese (gettext)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gettext import NullTranslations

    from bridgekit.errors import BridgekitError

_HERE = Path(__file__).resolve().parent
TEMPLATES = next(path for path in (_HERE / "templates", _HERE.parent / "templates") if path.is_dir())
LANGUAGES = ("en", "zh")
DOMAIN, CATALOGUES = "bridgekit", TEMPLATES / "locale"


class Said(str):
    """A sentence in English that knows how it was made: its template, and the values put into it."""

    __slots__ = ("template", "values")

    template: str
    values: tuple[object, ...]

    def __new__(cls, template: str, *values: object) -> Said:
        said = super().__new__(cls, template.format(*values))
        said.template, said.values = template, values
        return said

    def __reduce__(self) -> tuple[type[Said], tuple[object, ...]]:
        return Said, (self.template, *self.values)  # for copies: of text alone one cannot be made


def tr(template: str, *values: object) -> Said:
    """A sentence that can be translated; a value that is one itself is translated with it.

    template: as for `str.format`, with numbers: `not {0}: {1!r}`.  The catalogue is made of these, so it is a constant.
    """
    return Said(template, *values)


def later(text: str) -> str:
    """The same: a template that gets its values later, for the catalogue."""
    return text


def reason(error: OSError) -> Said:
    """Why the system refused, in its words."""
    return Said((error.strerror or str(error)).replace("{", "{{").replace("}", "}}"))


def joined(texts: Iterable[object], between: str = ", ") -> Said:
    """Several texts as one; those of ours among them can be translated."""
    each = tuple(texts)
    return Said(between.join(f"{{{number}}}" for number in range(len(each))), *each)


def translated(text: str, lang: str) -> str:
    """The same in a language; what the catalogue does not know stays as it is."""
    if lang == "en" or not text:
        return str(text)
    if not isinstance(text, Said):
        return _catalogue(lang).gettext(text)
    values = (translated(value, lang) if isinstance(value, Said) else value for value in text.values)
    return _catalogue(lang).gettext(text.template).format(*values)


def told(error: BridgekitError, lang: str) -> str:
    """An error and its hint in a language."""
    return translated(whole(error), lang)


def whole(error: BridgekitError) -> str:
    """An error and its hint as one text of ours."""
    return tr("{0}\n  hint: {1}", error.message, error.hint) if error.hint else error.message


@cache
def _catalogue(lang: str) -> NullTranslations:
    from gettext import translation

    return translation(DOMAIN, CATALOGUES, [lang], fallback=True)
