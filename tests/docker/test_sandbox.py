"""The real engine of a throw-away host: `bridgekit sandbox --engine`."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bridgekit import sandbox
from tests.docker.engine import ROOT, SECONDS_TO_END, SECONDS_TO_RUN, cgroup_of, environment, processes_in, traces
from tests.kernel import reach

pytestmark = pytest.mark.engine

NEVER = "unix:///nonexistent/docker.sock"  # what a user's settings may name, and what no throw-away host asks


@pytest.fixture(scope="module", autouse=True)
def _only_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("a real Docker engine needs root; run the tests with sudo")


def start(script: str, *guests: str) -> tuple[subprocess.Popen[str], str]:
    """Start bash lines in a throw-away host with an engine; also its control group."""
    command = sandbox.command(["bash", "-c", script], guests, engine=True)
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment() | {"DOCKER_HOST": NEVER},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    return process, cgroup_of(command)


def run(script: str, *guests: str, code: int = 0) -> str:
    """What bash lines say in a throw-away host with an engine, of which nothing is left."""
    before = traces("none")
    process, cgroup = start(script, *guests)
    try:
        said, _ = process.communicate(timeout=SECONDS_TO_RUN)
    finally:
        process.kill()
    assert process.returncode == code, said
    assert traces(cgroup) == before | {"cgroups": []}
    return said


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + SECONDS_TO_END
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def test_a_container_on_docker0() -> None:
    said = run("""
    docker run -d --name one busybox sleep 1000 >/dev/null
    docker exec one ip -4 addr show eth0; docker exec one ip route
    docker exec one ping -c 1 -w 2 203.0.113.2; docker exec one wget -q -O - http://203.0.113.2
    docker exec one bash -c 'echo this is bash'
    ip -4 addr show docker0
    """)
    for words in ("inet 172.17.0.2/16", "default via 172.17.0.1", " 0% packet loss", "this is bash", "172.17.0.1/16"):
        assert words in said
    assert "you come from 203.0.113.1\n" in said, "the engine masquerades"


def test_images_have_the_documents_names() -> None:
    said = run("for image in busybox ubuntu:14.04 base; do docker run --rm --net=none $image echo from $image; done")
    assert said.splitlines() == ["from busybox", "from ubuntu:14.04", "from base"]


def test_guests_are_real_containers() -> None:
    said = run(
        """
        docker inspect -f '{{.HostConfig.NetworkMode}} {{.State.Running}}' web
        docker exec web ip -o link | cut -d: -f2
        podman exec pod hostname >/dev/null && echo a pod
        ls /run/netns
        """,
        "web",
        "podman:pod",
        "netns:red",
    )
    assert said.split() == ["none", "true", "lo", "a", "pod", "outside", "red"]


def test_an_attached_container() -> None:
    said = run(
        "bridgekit attach web 10.0.0.2/24 --gateway 10.0.0.1 --yes && docker exec web ping -c 1 -w 2 10.0.0.1 "
        "&& bridgekit undo --all && bridgekit show",
        "web",
    )
    assert " 0% packet loss" in said
    assert "br666" not in said.split("undone")[1]


def test_the_command_decides_the_exit_code() -> None:
    assert run("exit 7", code=7) == ""


def test_the_service_reads_both_files_of_the_machine() -> None:
    said = run("""
    address() { docker run --rm busybox ip -o -4 addr show eth0 | awk '{print $4}'; }
    [ ! -e /etc/docker/daemon.json ]; grep -vc '^#' /etc/default/docker; service docker status
    service docker stop; service docker status; echo "code $?"; docker ps; ip -o link show docker0 | cut -d: -f2
    echo '{"bip": "10.9.0.1/24"}' >/etc/docker/daemon.json
    service docker start; address; service docker start; address
    service docker stop; rm /etc/docker/daemon.json
    ip link add br7 type bridge; ip addr add 10.7.0.1/24 dev br7; ip link set br7 up
    echo 'DOCKER_OPTS="-b br7"' >>/etc/default/docker
    service docker restart; address; docker run --rm busybox ip route | grep default
    """)
    lines = [line.strip() for line in said.splitlines() if line]
    assert lines[:4] == ["0", "docker is running", "service: docker is not running", "code 3"]
    assert "Is the docker daemon running?" in lines[4]
    assert lines[5:] == ["docker0", "10.9.0.2/24", "10.9.0.2/24", "10.7.0.2/24", "default via 10.7.0.1 dev eth0"]


def test_an_engine_that_does_not_start_says_why() -> None:
    said = run("""
    service docker stop
    echo '{"bridge": ' >/etc/docker/daemon.json
    service docker start; echo "code $?"; service docker status; rm /etc/docker/daemon.json
    echo 'DOCKER_OPTS=--no-such-option' >/etc/default/docker
    service docker start; echo "code $?"; rm /etc/default/docker
    service docker start && service docker status
    service other start; echo "code $?"
    """)
    assert "/etc/docker/daemon.json: unexpected EOF" in said
    assert "--no-such-option" in said
    assert said.count("service: dockerd ended\ncode 1\n") == 2
    assert "docker is running\nservice: other: unrecognized service\ncode 1\n" in said


def test_the_machines_own_engine_files_are_not_in_force() -> None:
    run("""
    set -e; echo '{' >/etc/docker/daemon.json; echo DOCKER_OPTS=--no-such-option >/etc/default/docker
    "$BRIDGEKIT_PYTHON" -m bridgekit sandbox --engine -- docker version
    [ -e /etc/docker/daemon.json ] && grep -q no-such-option /etc/default/docker
    """)


def test_no_engine_starts(tmp_path: Path) -> None:
    """The first process ends as any that finds its host not ready."""
    (tmp_path / "dockerd").write_text("#!/bin/sh\necho no engine today\nexit 1\n")
    (tmp_path / "dockerd").chmod(0o755)
    said = run(f"""
    PATH={tmp_path}:$PATH {sys.executable} -m bridgekit sandbox --engine -- echo wrong; echo "code $?"
    """)
    assert "no engine today" in said
    assert "bridgekit: no Docker engine in the throw-away host\ncode 3\n" in said
    assert "wrong" not in said
    assert "Traceback" not in said


def test_nothing_of_the_machine_is_written_but_control_groups() -> None:
    places = reach.folders()
    words = shlex.join([sys.executable, "-c", reach.PROBE, reach.MARK, *places])
    with reach.unmarked(places):
        found = reach.answer(run(words))
    assert {"/usr", "/root", "/var/tmp", "/dev/shm"} <= set(found["written"]), "in here that can be written"
    assert (reach.foreign(found), found["devices"], found["system"]) == ([], [], [])
    assert len(found["descriptors"]) <= 5, "with the pipe of the keeper, and the folder that is read"


def test_capabilities_that_reach_beyond_namespaces_are_gone() -> None:
    said = run("grep CapBnd /proc/self/status; docker run --rm --privileged busybox true || echo refused")
    gone = ("sys_module", "sys_rawio", "sys_boot", "sys_time", "syslog", "mac_admin", "dac_read_search")
    numbers = {"dac_read_search": 2, "sys_module": 16, "sys_rawio": 17, "sys_boot": 22, "sys_time": 25}
    numbers |= {"mac_admin": 33, "syslog": 34}
    bounding = int(said.split()[1], 16)
    assert not [name for name in gone if bounding >> numbers[name] & 1]
    assert said.splitlines()[-1] == "refused"


# However it ends


PAUSED = "docker pause web >/dev/null; docker run -d busybox sleep 1000 >/dev/null; echo ready; sleep 1000"


@pytest.fixture
def paused() -> Iterator[subprocess.Popen[str]]:
    """A throw-away host with a frozen container, of which nothing is left."""
    before = traces("none")
    process, cgroup = start(PAUSED, "web")
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert traces(cgroup)["cgroups"], "the containers have a control group"
        inside = os.stat(f"/proc/{process.pid}/ns/pid_for_children").st_ino
        yield process
        process.communicate(timeout=SECONDS_TO_END)
    finally:
        process.kill()
    assert not processes_in(inside)
    assert traces(cgroup) == before | {"cgroups": []}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_all_of_it(paused: subprocess.Popen[str], number: signal.Signals) -> None:
    os.killpg(paused.pid, number)  # as a terminal does
    paused.wait(SECONDS_TO_END)


def test_kill(paused: subprocess.Popen[str]) -> None:
    paused.kill()


def test_kill_before_the_engine_answers() -> None:
    before = traces("none")
    process, cgroup = start("true")
    inside = 0

    def started() -> bool:
        nonlocal inside
        try:
            inside = os.stat(f"/proc/{process.pid}/ns/pid_for_children").st_ino
        except OSError:
            return False
        own = inside != os.stat("/proc/self/ns/pid").st_ino  # where others' engines may be
        return own and any("dockerd" in line for line in processes_in(inside, seconds=0))

    try:
        wait_until(started, "dockerd did not start")
    finally:
        process.kill()
        process.communicate(timeout=SECONDS_TO_END)
    assert not processes_in(inside)
    assert traces(cgroup) == before | {"cgroups": []}


def test_the_keeper_of_control_groups_tells_of_what_stays(tmp_path: Path) -> None:
    """A control group that a foreign process is in stays, and that is said."""
    folder = Path("/sys/fs/cgroup")
    folder = folder if (folder / "cgroup.procs").exists() else folder / "pids"
    group = folder / f"bridgekit-test-{os.getpid()}"
    group.mkdir()
    sleeper = subprocess.Popen(["sleep", "1000"])
    try:
        (group / "cgroup.procs").write_text(str(sleeper.pid))
        words = ["bash", str(ROOT / "templates/sandbox/control-groups.sh"), group.name]
        done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 1
        assert str(group) in done.stderr
    finally:
        sleeper.kill()
        sleeper.wait()
        subprocess.run(words, check=True)
    assert not group.exists()
