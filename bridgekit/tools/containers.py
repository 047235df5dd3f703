"""`docker` and `podman`, which take the same words.  man 1 docker-run, docker-inspect, docker-exec."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Argv, Pipeline, Text

PROGRAMS = {"docker": "docker.io", "podman": "podman"}


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation; a container is started in the background, by name."""
    match operation:
        case op.GuestRun(runtime, guest, image, command):
            return (runtime, "run", "-d", "-t", "-i", "--net=none", "--name", guest, image, *command)
        case op.GuestDelete(runtime, guest):
            return (runtime, "rm", "-f", guest)
        case op.GuestList(runtime):
            return (runtime, "ps")
    return None


def build_interactive(operation: op.Operation) -> Argv | None:
    """As the documents type it: `docker run -t -i` in a terminal of its own, which gives the id."""
    match operation:
        case op.GuestRun(runtime, _, image, command):
            return (runtime, "run", "-t", "-i", "--net=none", image, *command)
    return build(operation)


def question(operation: op.Operation) -> Pipeline | None:
    """The pipeline whose output a capturing operation keeps."""
    match operation:
        case op.CapturePid(runtime=runtime, guest=guest):
            return ((runtime, "inspect", "-f", "{{.State.Pid}}", guest),)
    return None


def running(runtime: str, guest: Text) -> Argv:
    """The command that prints `true` if the container runs."""
    return (runtime, "inspect", "-f", "{{.State.Running}}", guest)


def execute(argv: Argv, runtime: str, guest: Text) -> Argv:
    """Any command, inside a container: `docker exec GUEST ...`."""
    return (runtime, "exec", guest, *argv)
