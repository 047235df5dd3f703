"""The distribution of this host.  man 5 os-release."""

from __future__ import annotations

import platform
from collections.abc import Collection

from bridgekit.errors import InputError


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
        f"not a distribution that is known here: {named[0] or 'no os-release'!r}", f"--distro {'|'.join(known)}"
    )
