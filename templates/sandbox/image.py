"""Write an image of busybox for `docker load` to the standard output.

image.py BUSYBOX NAME...    the static program; the names of the image
"""

import hashlib
import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path

PLATFORM = {"x86_64": "amd64", "aarch64": "arm64"}
BASH = b'#!/bin/sh\nexec sh "$@"\n'  # busybox has none of its own
FOLDERS = ("bin", "dev", "etc", "proc", "root", "sys", "tmp")


def add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def layer(busybox: str) -> bytes:
    """The file system: busybox by the names of all that it can do."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name in FOLDERS:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            archive.addfile(folder)
        add(archive, "bin/busybox", Path(busybox).read_bytes(), 0o755)
        add(archive, "bin/bash", BASH, 0o755)
        add(archive, "etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n")
        for name in subprocess.run([busybox, "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split():
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            if name not in ("busybox", "bash"):
                archive.addfile(link)
    return written.getvalue()


def main(busybox: str, *names: str) -> None:
    files = layer(busybox)
    machine = subprocess.run(["uname", "-m"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    config = {
        "os": "linux",
        "architecture": PLATFORM.get(machine, machine),
        # As of the documents' images; but a shell ignores TERM, and an engine that stops would wait for it.
        "config": {"Cmd": ["sh"], "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"], "StopSignal": "SIGKILL"},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(files).hexdigest()}"]},
    }
    tags = [name if ":" in name else f"{name}:latest" for name in names]
    manifest = [{"Config": "config.json", "RepoTags": tags, "Layers": ["layer.tar"]}]
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as archive:
        add(archive, "layer.tar", files)
        add(archive, "config.json", json.dumps(config).encode())
        add(archive, "manifest.json", json.dumps(manifest).encode())


main(*sys.argv[1:])
