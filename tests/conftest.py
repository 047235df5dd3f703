"""What holds for the whole run of tests: `sh` only where it is meant, and nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

REAL = ("kernel", "engine")
ENGINES = ("docker", "podman")  # folders
SECONDS_TO_GO = 10
# Every process that comes of a run of tests inherits this variable, which so tells it from all others.
_MARK = "BRIDGEKIT_TEST_RUN"
_BEFORE = pytest.StashKey[dict[str, set[str]]]()
_LEFT = pytest.StashKey[list[str]]()

# Under nohup, or in the background, these are ignored, and what is ignored no child's trap can hear.
for _number, _usual in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
    (signal.SIGTERM, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _usual)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--quick`: in less than 90 seconds, the units and each recipe once on the kernel."""
    parser.addoption("--quick", action="store_true", help="the units that are not slow, and each recipe once")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test in tests/docker or tests/podman needs an engine, so it has the marker."""
    for item in items:
        if item.path.parent.name in ENGINES and item.get_closest_marker("engine") is None:
            item.add_marker("engine")
    if config.getoption("--quick"):
        config.hook.pytest_deselected(items=[item for item in items if not _is_quick(item)])
        items[:] = filter(_is_quick, items)


def _is_quick(item: pytest.Item) -> bool:
    if item.path.parent.name in ("kernel", *ENGINES):
        return item.get_closest_marker("quick") is not None
    return item.get_closest_marker("slow") is None


@pytest.fixture(scope="session", autouse=True)
def _lessons_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests walk through, the user has not finished."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session", autouse=True)
def _podman_not_used(tmp_path_factory: pytest.TempPathFactory) -> None:
    """This machine's podman is none that was used, so nothing asks it."""
    own = tmp_path_factory.mktemp("podman")
    (own / "containers.conf").write_text(f'[engine]\ntmp_dir = "{own}"\n')
    os.environ["CONTAINERS_CONF"] = f"{own}/containers.conf"


@pytest.fixture(autouse=True)
def _sh_only_where_it_is_meant(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the tests of a real kernel `bridgekit.run` and `bridgekit.session` cannot start anything.

    pytest-subprocess fakes `subprocess`; it neither fakes nor blocks `sh`.
    """
    if any(request.node.get_closest_marker(name) for name in REAL):
        return
    import sh

    def refuse(command: object, *_: object, **__: object) -> NoReturn:
        raise AssertionError(f"{command} through sh, in a test without a marker of {' or '.join(REAL)}")

    monkeypatch.setattr(sh.Command, "__call__", refuse)


@pytest.fixture(autouse=True)
def _where_programs_are_faked_the_kernel_tells_nothing(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this machine has would decide else which programs are asked."""
    if "fp" not in request.fixturenames:
        return
    from bridgekit.facts import nftables, rtnetlink

    def silent(*_: object) -> NoReturn:
        raise OSError("the kernel is not asked")

    for module in (nftables, rtnetlink):
        monkeypatch.setattr(module, "listed", silent)


# Nothing is left of a run of tests.  Only the controller of pytest-xdist looks, when its workers are gone.


def pytest_sessionstart(session: pytest.Session) -> None:
    """Look at this machine before the tests."""
    if hasattr(session.config, "workerinput"):
        return
    os.environ[_MARK] = f"{os.environ.get(_MARK, '')}/{os.getpid()}-{time.monotonic_ns()}"
    session.config.stash[_BEFORE] = {what: look() for what, look in _LOOKS.items()}


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look again; what has come and stays fails the run."""
    if world := sys.modules.get("tests.kernel.world"):
        world.end()
    before = session.config.stash.get(_BEFORE, None)
    if before is None:
        return
    deadline = time.monotonic() + SECONDS_TO_GO
    while (left := list(_left(before))) and time.monotonic() < deadline:
        time.sleep(0.05)  # the kernel takes namespaces down a moment after their last process
    session.config.stash[_LEFT] = left
    if left and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what is left."""
    left = terminalreporter.config.stash.get(_LEFT, [])
    if left:
        terminalreporter.section("left behind by the tests", red=True)
        for line in left:
            terminalreporter.line(line)


def _left(before: dict[str, set[str]]) -> Iterator[str]:
    for what, look in _LOOKS.items():
        yield from (f"{what}: {each}" for each in sorted(look() - before[what]))


def _processes() -> set[str]:
    return {found for path in Path("/proc").glob("[0-9]*") if (found := _ours(path))}


def _ours(process: Path) -> str | None:
    mark = os.environ[_MARK]
    try:
        if f"{_MARK}={mark}" not in (process / "environ").read_text("utf-8", "replace"):
            return None
        words = (process / "cmdline").read_text("utf-8", "replace").replace("\0", " ").split()
    except OSError:
        return None  # it is gone, or not ours
    return f"{process.name} {' '.join(words)[:100]}"


def _links() -> set[str]:
    return _names("/sys/class/net")


def _netns() -> set[str]:
    return _names("/run/netns")


def _runs() -> set[str]:
    return _names("/run/bridgekit")


def _mounts() -> set[str]:
    mounts = Path("/proc/self/mounts")
    return {" ".join(line.split()[1:3]) for line in mounts.read_text().splitlines()} if mounts.exists() else set()


def _names(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


_LOOKS: dict[str, Callable[[], set[str]]] = {
    "process": _processes,
    "link": _links,
    "namespace": _netns,
    "run in force": _runs,
    "mount": _mounts,
}
