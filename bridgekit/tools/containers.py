"""`docker` and `podman`, which take the same words.  man 1 docker-run, docker-inspect, docker-exec."""

from __future__ import annotations

from bridgekit import operations as op
from bridgekit.words import Answer, Argv, Pipeline, Text

_OF_NETWORK = "{{range .NetworkSettings.Networks}}{{.FACT}}{{end}}"
_BRIDGE = '{{index .Options "com.docker.network.bridge.name"}}'
PROGRAMS = {"docker": "docker.io", "podman": "podman"}


def build(operation: op.Operation) -> Argv | None:
    """The command of an operation; a container is started in the background, by name."""
    match operation:
        case op.GuestRun(runtime, guest, image, command, network):
            return (runtime, "run", "-d", "-t", "-i", *_network(network), "--name", guest, image, *command)
        case op.GuestDelete(runtime, guest):
            return (runtime, "rm", "-f", guest)
        case op.NetworkList(runtime):
            return (runtime, "network", "ls")
        case op.NetworkInspect(runtime, network):
            return (runtime, "network", "inspect", network)
        case op.EngineBridgeShow():
            return ("docker", "network", "inspect", "-f", _BRIDGE, "bridge")
        case op.GuestList(runtime):
            return (runtime, "ps")
    return None


def _network(network: str) -> Argv:
    return (f"--net={network}",) if network else ()


def build_000(operation: op.Operation) -> Argv | None:
    """As document 000 types it: `docker run -t -i` in a terminal of its own, which gives the id."""
    match operation:
        case op.GuestRun(runtime, _, image, command, network):
            return (runtime, "run", "-t", "-i", *_network(network), image, *command)
    return build(operation)


def build_003(operation: op.Operation) -> Argv | None:
    """As document 003 types it: a container that is removed when its terminal closes."""
    match operation:
        case op.GuestRun(runtime, _, image, command, network):
            return (runtime, "run", "-i", "-t", "--rm", *_network(network), image, *command)
    return build(operation)


def build_001(operation: op.Operation) -> Argv | None:
    """As document 001 types it."""
    match operation:
        case op.GuestRun(runtime, guest, image, command, network):
            return (runtime, "run", "-idt", *_network(network), ("--name=", guest), image, *command)
    return build(operation)


def build_002(operation: op.Operation) -> Argv | None:
    """As documents 002 and 004 type it."""
    match operation:
        case op.GuestRun(runtime, guest, image, command, network):
            return (runtime, "run", "-dit", *_network(network), "--name", guest, image, *command)
    return build(operation)


def question(operation: op.Operation) -> Pipeline | None:
    """The pipeline whose output a capturing operation keeps."""
    match operation:
        case op.CapturePid(runtime=runtime, guest=guest):
            return ((runtime, "inspect", "-f", "{{.State.Pid}}", guest),)
        case op.CaptureNetworkFact(runtime=runtime, guest=guest, fact=fact):
            return ((runtime, "inspect", "-f", _OF_NETWORK.replace("FACT", fact), guest),)
        case op.CaptureIndex(runtime=runtime, guest=guest, interface=interface):
            return (_of_interface(runtime, guest, interface, "ifindex"),)
        case op.CaptureHostEnd(runtime=runtime, guest=guest, interface=interface):
            index = Answer((_of_interface(runtime, guest, interface, "iflink"),))
            return (("ip", "-o", "link"), ("sed", "-n", ("s/^", index, r": \([^@]*\)@.*/\1/p")))
        case op.CaptureFile(runtime=runtime, guest=guest, key=key):
            return ((runtime, "inspect", "-f", f"{{{{.{key}}}}}", guest),)
    return None


def _of_interface(runtime: str, guest: Text, interface: str, file: str) -> Argv:
    """What a container's own /sys says of its interface."""
    return (runtime, "exec", guest, "cat", f"/sys/class/net/{interface}/{file}")


def running(runtime: str, guest: Text) -> Argv:
    """The command that prints `true` if the container runs."""
    return (runtime, "inspect", "-f", "{{.State.Running}}", guest)


def execute(argv: Argv, runtime: str, guest: Text) -> Argv:
    """Any command, inside a container: `docker exec GUEST ...`."""
    return (runtime, "exec", guest, *argv)
