"""`python -m tests.catalogue`: bring the catalogue of bridgekit's own words up to date, and compile it.

New sentences stand in it without a translation, which is to be written by hand; what is no longer said goes.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import typer
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from typer._click.core import Command, Context

from bridgekit.cli import application
from bridgekit.cli.manual import GROUPS
from bridgekit.translation import CATALOGUES, DOMAIN

PACKAGE = Path(__file__).resolve().parents[1] / "bridgekit"
PO = CATALOGUES / "zh" / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")
# Functions whose first argument is a sentence.
KEYWORDS = {"tr": None, "local": None, "later": None}
# What typer says without being told to; what it makes of a wrong command line is in bridgekit/cli/foreign.py.
OF_TYPER = ("Arguments", "Options", "Commands", "Aborted!", "default: {default}", "required", "(dynamic)")
OF_THE_SYSTEM = (
    *(errno.EACCES, errno.EPERM, errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENOSPC, errno.EROFS, errno.EIO),
    *(errno.ETXTBSY, errno.ENAMETOOLONG, errno.ELOOP, errno.EPIPE, errno.EDQUOT, errno.ENOEXEC, errno.EBADF),
)
_HEADER = "# bridgekit's own words in Chinese.  `python -m tests.catalogue` adds what is new to it, and compiles it."
_NOBODY = dict.fromkeys(("version", "msgid_bugs_address", "last_translator", "language_team"), "-")
_ONCE = datetime(2026, 1, 1, tzinfo=UTC)  # a date in the file would only make it differ


def messages() -> set[str]:
    """Every sentence that is said through the catalogue."""
    called = {str(message) for _, _, message, _, _ in extract_from_dir(PACKAGE, keywords=KEYWORDS)}
    return called | set(_helps()) | {*GROUPS, "Examples"} | {*OF_TYPER, *map(os.strerror, OF_THE_SYSTEM)}


def _helps() -> Iterator[str]:
    for argv in ([], ["learn"]):
        yield from _help(typer.main.get_command(application(argv)), None)


def _help(command: Command, above: Context | None) -> Iterator[str]:
    context = Context(command, parent=above, info_name=command.name)
    for paragraph in (command.help or "").split("\n\n"):
        yield from filter(None, (" ".join(paragraph.split("\n")), paragraph.partition("\n")[0]))
    for parameter in command.get_params(context):
        yield from filter(None, (getattr(parameter, "help", None),))
    for each in getattr(command, "commands", {}).values():
        yield from _help(each, context)


def there() -> Catalog:
    """The catalogue as it is."""
    with PO.open("rb") as file:
        return read_po(file, locale="zh", domain=DOMAIN)


def main() -> None:
    """Write the file anew."""
    known = {message.id: message.string for message in there() if message.id} if PO.exists() else {}
    catalogue = Catalog("zh", DOMAIN, _HEADER, DOMAIN, creation_date=_ONCE, revision_date=_ONCE, fuzzy=False, **_NOBODY)
    for message in sorted(messages()):
        catalogue.add(message, known.get(message, ""))
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as po, MO.open("wb") as mo:
        write_po(po, catalogue, width=120)
        write_mo(mo, catalogue)
    missing = [message.id for message in catalogue if message.id and not message.string]
    print(*missing, sep="\n")
    print(f"{len(catalogue)} sentences, {len(missing)} without a translation")


if __name__ == "__main__":
    main()
