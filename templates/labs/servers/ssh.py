"""SSH on port 22, by Dropbear: whoever logs in as `lab`, without a password, sees the addresses of the machine.

ssh.py [NAME]

It gives no shell, forwards nothing, and its session has no rights: the network is the lab's machine, the files are
the real one's.  Each client gets a Dropbear in a user namespace of its own, since a throw-away host has no second user
to become, and an /etc/passwd with that one name.
"""

import contextlib
import os
import subprocess
import tempfile
from pathlib import Path

from lines import Client, forever, name, serve

BANNER = f"{name()}: log in as `lab`, without a password\n"
SHOWN = "ip -br -4 addr"
INSIDE = """mount -t tmpfs lab /mnt
echo 'lab::1000:1000:a lab:/:/bin/sh' >/mnt/passwd
mount --bind /mnt/passwd /etc/passwd
exec unshare --user --map-user=1000 --map-group=1000 "$@"
"""


def in_memory(content: bytes) -> int:
    """A file that is nowhere, by its descriptor."""
    file = os.memfd_create("lab")
    os.write(file, content)
    return file


def key() -> bytes:
    """A new key of the host's."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "key")
        subprocess.run(["dropbearkey", "-t", "ed25519", "-f", made], check=True, capture_output=True)
        return made.read_bytes()


FILES = in_memory(key()), in_memory(BANNER.encode())
OWN, SAID = (f"/proc/self/fd/{file}" for file in FILES)
# -i: the client is its standard input.  -B: no password.  -j -k: no forwarding.  -c: this command and no other.
DROPBEAR = ("dropbear", "-i", "-r", OWN, "-b", SAID, "-B", "-j", "-k", "-m", "-c", SHOWN)


def talk(client: Client) -> None:
    client.connection.settimeout(None)
    wire, argv = (
        client.connection.fileno(),
        ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", INSIDE, "sh"),
    )
    with contextlib.suppress(OSError):
        subprocess.run([*argv, *DROPBEAR], stdin=wire, stdout=wire, stderr=subprocess.DEVNULL, cwd="/", pass_fds=FILES)


serve(22, talk)
forever()
