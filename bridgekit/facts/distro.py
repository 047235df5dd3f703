"""The distribution of this host.  man 5 os-release."""

from __future__ import annotations

import platform
from collections.abc import Collection

from bridgekit.errors import InputError
from bridgekit.translation import tr


def distro(known: Collection[str]) -> str:
    """This host's distribution, or the first known one that it says it is like.

    known: the names to choose from.  Raises InputError if it is none of them.
    """
    try:
        said = platform.freedesktop_os_release()
    except OSError:
        said = {}
    named = [said.get("ID", ""), *said.get("ID_LIKE", "").split()]
    for each in named:
        if each in known:
            return each
    raise InputError(
        tr("not a distribution that is known here: {0!r}", named[0] or tr("no os-release")),
        f"--distro {'|'.join(known)}",
    )
