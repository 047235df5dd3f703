"""A lab on many machines as files for Ansible: an inventory, a playbook, and the script of each machine."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from io import StringIO
from pathlib import Path

from bridgekit.errors import InputError
from bridgekit.lab.building import run_of
from bridgekit.lab.topology import Topology
from bridgekit.translation import TEMPLATES, reason, tr

_TEMPLATES = TEMPLATES / "ansible"
_PLAYBOOK, _SCRIPTS = "playbook.yaml", "scripts"
_TAKEN = ("all", "ungrouped", "localhost")  # in an inventory these mean something


def files(topology: Topology, scripts: Mapping[str, str], command: str, lang: str) -> dict[str, str]:
    """The text of each file, by its path.  Raises InputError.

    scripts: each machine's.  command: the bridgekit command that writes them.  lang: of the README.
    """
    for name in topology.machines:
        if name in _TAKEN:
            raise InputError(tr("a name that Ansible has taken: {0!r}", name), tr("another one for that machine"))
    rows = [f"| {name} | {each.address} | {_SCRIPTS}/{name}.sh |" for name, each in topology.machines.items()]
    told = {"name": topology.name, "count": str(len(rows)), "command": command, "rows": "\n".join(rows)}
    readme = (_TEMPLATES / f"README.{lang}.md").read_text("utf-8")
    for word, text in told.items():
        readme = readme.replace(f"{{{word}}}", text)
    return {
        "README.md": readme,
        "inventory.yaml": _inventory(topology),
        _PLAYBOOK: (_TEMPLATES / _PLAYBOOK).read_text("utf-8"),
        **{f"{_SCRIPTS}/{name}.sh": scripts[name] for name in topology.machines},
    }


def _inventory(topology: Topology) -> str:
    from ruamel.yaml import YAML

    hosts = {
        name: {"ansible_host": each.address, "ansible_port": each.port, "ansible_user": each.user}
        | ({} if each.user == "root" else {"ansible_become": True})
        for name, each in topology.machines.items()
    }
    shared = {"bridgekit_run": run_of(topology.name), "ansible_python_interpreter": "auto_silent"}
    text = StringIO()
    YAML().dump({"all": {"vars": shared, "hosts": hosts}}, text)
    return text.getvalue()


def write(folder: Path, texts: Mapping[str, str]) -> None:
    """Write the files into a folder that is empty, new, or such an export.  Raises InputError before anything is.

    Files of others stay; a script of a machine that is there no more goes.
    """
    inside = folder / _SCRIPTS
    try:
        if folder.exists() and any(folder.iterdir()) and not _is_ours(folder, texts[_PLAYBOOK]):
            what = tr("a folder with something else in it: {0!r}", str(folder))
            raise InputError(what, tr("an empty one, a new one, or one that this command wrote"))
        inside.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            _put(folder / path, text)
        for old in inside.glob("*.sh"):
            if f"{_SCRIPTS}/{old.name}" not in texts and _is_of_machine(old):
                old.unlink()
    except OSError as error:
        what = tr("cannot write {0!r}: {1}", error.filename or str(folder), reason(error))
        raise InputError(what, tr("another folder")) from None


def _is_of_machine(script: Path) -> bool:
    """Whether it is an exported script, by the command in its head that made it."""
    with script.open("rb") as file:
        head = file.read(2000)
    return b": bridgekit lab up " in head and f" --machine {script.stem}".encode() in head


def _is_ours(folder: Path, playbook: str) -> bool:
    """Whether it has our playbook, of whatever version, and no link leads elsewhere."""
    first, path, inside = playbook.partition("\n")[0], folder / _PLAYBOOK, folder / _SCRIPTS
    if inside.is_symlink() or path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(first) + 1) == f"{first}\n".encode()


def _put(path: Path, text: str) -> None:
    """Write a file whole, in place of what bears its name, also if that is a link."""
    mask = os.umask(0o022)
    os.umask(mask)
    handle, new = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        os.chmod(new, (0o755 if path.suffix == ".sh" else 0o644) & ~mask)
        os.replace(new, path)
    except OSError:
        os.unlink(new)
        raise
