"""How bridgekit starts itself again: from the folders that it came from itself, and none of the caller's."""

from __future__ import annotations

import os
import sys

_HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def forget_callers_folders() -> None:
    """Import nothing more from the folder of the caller, of the script that started us, or of PYTHONPATH.

    The folder that bridgekit itself came from may be one of these.  It stays, as the last.
    """
    if not sys.flags.safe_path:
        del sys.path[:1]
    if not sys.flags.ignore_environment:
        named = {os.path.abspath(each) for each in os.environ.get("PYTHONPATH", "").split(os.pathsep) if each}
        sys.path[:] = [each for each in sys.path if each not in named or _is_pythons(each)]
    if _HERE not in sys.path:
        sys.path.append(_HERE)


def _is_pythons(folder: str) -> bool:
    return any(folder.startswith(f"{prefix}{os.sep}") for prefix in (sys.prefix, sys.base_prefix))


def command() -> list[str]:
    """The command that is bridgekit; its words are to follow."""
    start = f"import sys; sys.path[:] = {sys.path!r}; sys.argv[0] = 'bridgekit'"
    return [sys.executable, "-I", "-c", f"{start}; from bridgekit.__main__ import main; main()"]
