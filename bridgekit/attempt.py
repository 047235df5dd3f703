"""A piece of a script as words for its bash, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridgekit.script import Piece

_STATE, _MISSED = "bridgekit-state", "bridgekit-missed"


def told(piece: Piece) -> str:
    """A piece, and what it says when it went well."""
    return f'{piece.body}\nreport >/dev/null; [ -z "$said" ] || say "$said"{piece.reveal}'


def attempted(piece: Piece) -> str:
    """The same in a subshell: where it fails the script's shell goes on, and nothing is taken back."""
    found = re.findall(r"(\w+)=\$", piece.reveal)
    return (
        "set +e; err=$(trap -p ERR); trap - ERR\n"
        f'( eval "$err"; set -e; depth=$BASH_SUBSHELL\n{told(piece)}\n'
        f"echo {_STATE}; declare -p number words so said touched netns made roots inodes {' '.join(found)}\n"
        ") 2>&1 </dev/null\n"
        f'[ $? = 0 ] || {{ touched=1; echo {_MISSED}; }}; eval "$err"; set -e'
    )


def outcome(heard: Sequence[str]) -> tuple[list[str], str | None]:
    """What was said, and what the subshell would hand on to the script's shell; None if it failed."""
    if _STATE not in heard:
        return [line for line in heard if line != _MISSED], None
    at = heard.index(_STATE)
    return list(heard[:at]), "\n".join(heard[at + 1 :])
