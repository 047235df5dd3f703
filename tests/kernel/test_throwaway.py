"""What a throw-away host has, and that none of it is the machine's."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bridgekit import sandbox
from tests.kernel.ordinary import User, readable, user  # fixtures
from tests.kernel.world import ROOT, in_throwaway_host, shell

__all__ = ["readable", "user"]

WRITE = """
set -e
mkdir -p /etc/netns/red
echo 'nameserver 192.0.2.1' >/etc/netns/red/resolv.conf
echo '{}' >/etc/docker/daemon.json
echo 'DOCKER_OPTS=' >>/etc/default/docker
echo own >/etc/own
ip netns add red
ip netns exec red cat /etc/resolv.conf
"""


def etc() -> dict[str, str]:
    """All of /etc that a throw-away host could change, with when it last was."""
    folders = [Path("/etc"), Path("/etc/docker"), Path("/etc/default"), Path("/etc/netns")]
    paths = [path for folder in folders if folder.is_dir() for path in (folder, *folder.iterdir())]
    return {str(path): str(path.lstat().st_ctime_ns) for path in paths}


# /etc


@pytest.mark.kernel
@pytest.mark.parametrize("overlay", ["overlay", "no-overlay"])
def test_etc_is_its_own(user: User, overlay: str) -> None:
    """Also where a user namespace has no overlays, as before Linux 5.11."""
    before = etc()
    folders = user.folder / "bridgekit/templates/sandbox/folders.py"
    text = folders.read_text()
    folders.write_text(text.replace('"overlay", 0', f'"{overlay}", 0'))
    try:
        words = f"{WRITE} mount | grep -c '^overlay on /etc ' || true; echo >/tmp/own || echo >$TMPDIR/own"
        said = user.bridgekit("sandbox", "--", "bash", "-c", words)
    finally:
        folders.write_text(text)
    assert said.startswith(f"nameserver 192.0.2.1\n{1 if overlay == 'overlay' else 0}\n")
    assert etc() == before


@pytest.mark.kernel
def test_etc_is_its_own_for_the_tests_user_too() -> None:
    before = etc()
    subprocess.run(sandbox.command(["bash", "-c", WRITE]), check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    assert etc() == before


@in_throwaway_host("web")
def test_a_container_sees_no_names_of_namespaces() -> None:
    """`ip` inside would complain of each that it cannot open, between the lines of its answer."""
    pid = shell("docker inspect -f '{{.State.Pid}}' web").stdout.strip()
    shell(f"touch /run/netns/web; mount --bind /proc/{pid}/ns/net /run/netns/web")
    shell("ip link add to_web type veth peer name eth0 netns web")
    done = shell("docker exec web ip netns; docker exec web ip -o link show eth0 2>&1 | grep -v ' eth0@'", check=False)
    assert done.stdout == ""


@in_throwaway_host()
def test_the_engines_files_begin_empty() -> None:
    assert not Path("/etc/docker/daemon.json").exists()
    assert all(line.startswith("#") for line in Path("/etc/default/docker").read_text().splitlines())
    assert Path("/etc/passwd").read_text(), "the rest of /etc is the machine's"


# The service without an engine


def service(verb: str, code: int = 0) -> str:
    """What `service docker VERB` says, on both streams."""
    done = shell(f"service docker {verb} 2>&1", check=False)
    assert done.returncode == code, done.stdout
    return done.stdout


def addresses(name: str) -> list[str] | None:
    """The IPv4 addresses of an interface; None if it is not there."""
    done = shell(f"ip -j -4 addr show dev {name}", check=False)
    if done.returncode != 0:
        return None
    return [f"{each['local']}/{each['prefixlen']}" for link in json.loads(done.stdout) for each in link["addr_info"]]


@in_throwaway_host()
def test_the_service_makes_docker0() -> None:
    assert service("status", 3) == "service: docker is not running\n"
    assert service("stop") == ""
    assert addresses("docker0") is None
    assert service("start") == ""
    assert addresses("docker0") == ["172.17.0.1/16"]
    assert service("status") == "docker is running\n"
    service("stop")
    service("status", 3)
    assert addresses("docker0") == ["172.17.0.1/16"], "as a real engine's"
    shell("ip addr add 10.5.0.1/24 dev docker0")
    service("restart")
    assert addresses("docker0") == ["172.17.0.1/16", "10.5.0.1/24"], "it is there already"
    shell("ip link del docker0")
    service("start")
    assert addresses("docker0") is None, "it is running already"
    service("restart")
    assert addresses("docker0") == ["172.17.0.1/16"]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("/etc/docker/daemon.json", '{"debug": true,\n "bridge": "br7"}'),
        ("/etc/default/docker", 'DOCKER_OPTS="--debug -b=br7"'),
        ("/etc/default/docker", 'DOCKER_OPTS="--bridge=br7 --debug"'),
        ("/etc/default/docker", 'DOCKER_OPTS="--debug --bridge br7"'),
        ("/etc/default/docker", "DOCKER_OPTS='-b br7'"),
    ],
)
@in_throwaway_host()
def test_the_service_with_another_bridge(file: str, line: str) -> None:
    with open(file, "a") as opened:
        opened.write(f"{line}\n")
    assert "could not find bridge br7" in service("start", 1)
    service("status", 3)
    shell("ip link add br7 type bridge")
    service("start")
    assert addresses("docker0") is None
    os.unlink(file)
    service("restart")
    assert addresses("docker0") == ["172.17.0.1/16"]


@in_throwaway_host()
def test_the_service_refuses() -> None:
    Path("/etc/docker/daemon.json").write_text('{"bridge": ')
    said = service("start", 1)
    assert "/etc/docker/daemon.json" in said
    assert "Traceback" not in said
    assert addresses("docker0") is None
    Path("/etc/docker/daemon.json").write_text("[]")
    assert "Traceback" not in service("start", 1)
    service("reload", 2)
    assert shell("service ssh start 2>&1", check=False).stdout == "service: ssh: unrecognized service\n"


# The resolver outside

ASK = """
import socket, struct, sys
name, protocol = sys.argv[1:]
labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
query = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\\0" + struct.pack("!2H", 1, 1)
kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
with socket.socket(socket.AF_INET, kind) as asking:
    asking.settimeout(5)
    asking.connect(("203.0.113.2", 53))
    asking.sendall(struct.pack("!H", len(query)) + query if protocol == "tcp" else query)
    answer = asking.recv(512)[2 if protocol == "tcp" else 0:]
print(answer[3] & 15, socket.inet_ntoa(answer[-4:]) if answer[7] else "none")
"""
REFUSED, NO_SUCH_NAME = 5, 3


@pytest.fixture
def _dnsmasq() -> None:
    if not shutil.which("dnsmasq", path=f"{os.environ['PATH']}:/usr/sbin:/sbin"):
        pytest.skip("needs dnsmasq: apt-get install dnsmasq-base")


@pytest.mark.usefixtures("_dnsmasq")
@pytest.mark.parametrize("protocol", ["udp", "tcp"])
@in_throwaway_host()
def test_the_resolver_outside(protocol: str) -> None:
    def asked(name: str) -> str:
        return shell(f"{shlex.join([sys.executable, '-c', ASK, name, protocol])}").stdout.strip()

    assert asked("www.example.test") == "0 203.0.113.2"
    assert asked("other.example.test") == f"{NO_SUCH_NAME} none"
    assert asked("localhost.example.org") == f"{REFUSED} none", "it asks nobody"


@pytest.mark.usefixtures("_dnsmasq")
@in_throwaway_host()
def test_a_guest_finds_a_name_in_its_search_domain() -> None:
    Path("/run/resolv.conf").write_text("nameserver 203.0.113.2\nsearch example.test\n")
    found = shell("unshare --mount sh -c 'mount --bind /run/resolv.conf /etc/resolv.conf; getent hosts www'").stdout
    assert found.split() == ["203.0.113.2", "www.example.test"]


@pytest.mark.kernel
@pytest.mark.usefixtures("_dnsmasq")
def test_the_resolver_of_an_ordinary_user(user: User) -> None:
    said = user.bridgekit("sandbox", "--", user.python, "-c", ASK, "www.example.test", "udp")
    assert said == "0 203.0.113.2\n"


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("program", "said"), [("no-such-program", ""), ("false", "bridgekit: dnsmasq does not start\n")]
)
def test_a_host_without_the_resolver(user: User, program: str, said: str) -> None:
    init = user.folder / "bridgekit/templates/sandbox/init.sh"
    text = init.read_text()
    init.write_text(re.sub(r"(command -v|/outside) dnsmasq", rf"\1 {program}", text))
    try:
        assert user.bridgekit("sandbox", "--", "echo", "ready") == f"{said}ready\n"
    finally:
        init.write_text(text)


@pytest.mark.kernel
@pytest.mark.parametrize(
    "words",
    [
        "wire web --network container:db",
        "wire podman:web --network container:podman:db",
        "wire netns:red --network container:web",
        "wire web --network host",
        "wire netns:red --network host",
        "leak red blue 192.168.9.0/24",
    ],
)
def test_every_guest_that_a_command_names_is_there(words: str) -> None:
    """Whatever its parameter is called; started on the network that the command finds it on."""
    argv = [sys.executable, "-m", "bridgekit", *words.split(), "--sandbox", "--yes"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=ROOT, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "FAILED" not in done.stdout
