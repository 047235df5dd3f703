"""A real podman in a throw-away host, with configuration, storage and networks of its own in there.

It has no daemon; its containers get no control groups, which are the machine's (so they are crun's: runc wants one).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridgekit import sandbox
from tests.docker.engine import Engine, refuse_without, running

PROGRAMS = {
    "podman": "podman",
    "conmon": "conmon",
    "crun": "crun",
    "/usr/lib/podman/netavark": "netavark",
    "dockerd": "docker.io",  # the throw-away host of a real engine asks for it
    "busybox": "busybox-static",
    "ip": "iproute2",
    "iptables": "iptables",
    "ping": "iputils-ping",
}
# Its own place of everything, before the stand-in's.  Two images are one: the documents' name, and a short one.
_HOLDER = r"""
set -e
own=/run/host/podman-engine
mkdir -p $own
mount -t tmpfs tmpfs /sys/fs/cgroup
cat >$own/containers.conf <<CONF
[containers]
cgroups = "disabled"
cgroupns = "host"
log_driver = "k8s-file"
[network]
network_backend = "netavark"
network_config_dir = "$own/networks"
[engine]
runtime = "crun"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
static_dir = "$own/static"
volume_path = "$own/volumes"
CONF
cat >$own/storage.conf <<CONF
[storage]
driver = "vfs"
graphroot = "$own/storage"
runroot = "$own/run"
CONF
cat >/run/host/bin/podman <<WRAPPER
#!/bin/sh
unset DOCKER_CONFIG
export CONTAINERS_CONF=$own/containers.conf CONTAINERS_STORAGE_CONF=$own/storage.conf
exec /usr/bin/podman "\$@"
WRAPPER
rm /run/host/bin/docker
rm /run/libpod/alive  # the stand-in's
"$BRIDGEKIT_PYTHON" -I -S templates/sandbox/image.py "$(command -v busybox)" busybox bb >$own/image.tar
podman load -q -i $own/image.tar >&2
rm $own/image.tar
echo ready
read -r _ || :
"""


@contextmanager
def running_podman() -> Iterator[Engine]:
    """A real podman with an image `bb` of busybox, while in here.  Skips and fails as `running_engine`."""
    refuse_without(PROGRAMS)
    words = sandbox.command(["bash", "-c", _HOLDER], engine=True)
    with running([word for word in words if not word.startswith("BRIDGEKIT_CGROUP=")]) as engine:  # without dockerd
        yield engine
