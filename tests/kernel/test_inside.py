"""Routes, rules and queue disciplines in a guest, and waiting for its interface."""

from __future__ import annotations

import subprocess
import time

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import GATEWAY, WEB, in_the_host, written
from tests.kernel.world import shell


def up(plan: Plan) -> list[str]:
    """Run it; the first word of each line."""
    done = trial.bash(written(plan))
    assert done.code == 0, done
    return done.words


def down(plan: Plan) -> None:
    done = trial.bash(written(plan), "down")
    assert done.code == 0, done


def attached() -> None:
    up(recipes.attach("web", WEB[4], gateway=GATEWAY[4]))


def routes() -> list[str]:
    return [line.strip() for line in shell("ip -n web route").stdout.splitlines()]


@in_the_host
def test_fault_45_routes_as_its_pages_meant_them() -> None:
    """A network by a gateway, a multicast one by an interface, another default route; each comes and goes."""
    attached()
    before = measure.state()
    wanted = {
        "add 10.0.5.0/24 via 10.0.0.9": "10.0.5.0/24 via 10.0.0.9 dev eth0",
        "add 224.0.0.0/4 dev eth0": "224.0.0.0/4 dev eth0 scope link",
        "replace default via 10.0.0.9": "default via 10.0.0.9 dev eth0",
        "add blackhole 10.0.6.0/24": "blackhole 10.0.6.0/24",
        "del default": "",
    }
    for command, line in wanted.items():
        plan = recipes.route("web", command.split())
        up(plan)
        assert line in routes() if line else not [each for each in routes() if each.startswith("default")], command
        down(plan)
        measure.same(before, measure.state(), command)


@in_the_host
def test_two_runs_of_one_destination_are_undone_in_either_order() -> None:
    attached()
    before = measure.state()
    one = recipes.route("web", ["replace", "default", "via", "10.0.0.8"])
    two = recipes.route("web", ["replace", "default", "via", "10.0.0.9"])
    for first, last in ((one, two), (two, one)):
        up(one)
        up(two)
        down(first)
        assert f"default via {'10.0.0.9' if first is one else '10.0.0.8'} dev eth0" in routes()
        down(last)
        measure.same(before, measure.state(), first.name)


@in_the_host
def test_fault_36_a_rule_added_twice_is_one() -> None:
    attached()
    plan = recipes.rule("web", ["add", "from", "10.0.0.2", "table", "5"])
    up(plan)
    assert up(plan.renamed("again"))[-1] == "same"
    assert shell("ip -n web rule show table 5").stdout.count("10.0.0.2") == 1
    down(plan)
    assert trial.bash(written(plan.renamed("again")), "check").code == 0, "the other run has it now"
    down(plan.renamed("again"))
    assert not shell("ip -n web rule show table 5", check=False).stdout


@in_the_host
def test_a_queue_discipline_slows_the_guest_down() -> None:
    attached()
    plan = recipes.tc("web", "qdisc add dev eth0 root tbf rate 32kbit burst 2k latency 5s".split())  # noqa: SIM905
    flood = "ping -q -c 5 -i 0.01 -w 9 -s 1400 10.0.0.1 | sed -n 's|.*= [0-9.]*/[0-9.]*/\\([0-9.]*\\)/.*|\\1|p'"

    def slowest() -> float:
        return float(shell(f"nsenter --net=/run/netns/web {flood}").stdout)

    assert slowest() < 100
    up(plan)
    assert slowest() > 500, "milliseconds"
    down(plan)
    assert slowest() < 100


@in_the_host
def test_a_word_that_ip_does_not_take_leaves_nothing_to_take_back() -> None:
    """Its question about it is as wrong as the word: there is nothing like it."""
    attached()
    before = measure.state()
    for plan in (
        recipes.route("web", ["add", "10.0.5.0/24", "dev", "eth0", "table", "nosuch"]),
        recipes.rule("web", ["add", "from", "10.0.0.2", "table", "nosuch"]),
    ):
        done = trial.bash(written(plan))
        assert (done.code, "rolled back" in done.err) == (1, True), done
        measure.same(before, measure.state(), plan.name)


@in_the_host
def test_a_queue_discipline_of_the_loopback_is_known_again() -> None:
    """It is larger than what a veth can be."""
    plan = recipes.tc("web", "qdisc add dev lo root tbf rate 1mbit burst 32kbit latency 40ms".split())  # noqa: SIM905
    up(plan)
    assert trial.bash(written(plan), "check").code == 0
    assert up(plan)[-1] == "same"
    down(plan)


@in_the_host
def test_fault_13_wait_until_an_interface_is_up_and_has_an_address() -> None:
    attached()
    shell("bridgekit bridge br8 --yes; bridgekit attach web 10.8.0.2/24 --interface eth1 --bridge br8 --yes")

    def wait(words: str = "web") -> tuple[int, str]:
        done = shell(f"bridgekit wait {words} --timeout 0", check=False)
        return done.returncode, done.stdout + done.stderr

    assert wait() == (0, "10.8.0.2/24\n")
    assert wait("netns:web -i eth0") == (0, "10.0.0.2/24\n")
    assert shell("nsenter --net=/run/netns/web bridgekit wait --interface eth1").stdout == "10.8.0.2/24\n"
    shell("ip -n web addr flush dev eth1")
    for change, said in {
        "ip -n web link set eth1 up": "it has no address",
        "ip -n web link set eth1 down; ip -n web addr add 10.8.0.2/24 dev eth1": "it is down",
        "ip -n web link set eth1 up; ip link set $(ip -br link show master br8 | cut -d @ -f 1) down": "no carrier",
        "docker stop web": "",
    }.items():
        shell(change)
        code, text = wait()
        assert (code, said in text) == (1, True), text
    assert "docker start web" in wait()[1]
    assert "docker ps lists" in wait("nobody")[1]


@in_the_host
def test_fault_13_it_waits_no_longer_than_it_must() -> None:
    shell("bridgekit attach web 10.0.0.2/24 --interface eth1 --yes; ip -n web link set eth1 down")
    with subprocess.Popen(
        ["bridgekit", "wait", "web", "--timeout", "60"], stdout=subprocess.PIPE, text=True
    ) as waiting:
        time.sleep(1)  # it must be waiting still
        assert waiting.poll() is None
        shell("ip -n web link set eth1 up")
        assert waiting.communicate(timeout=10)[0] == "10.0.0.2/24\n"
    assert waiting.returncode == 0
    begun = time.monotonic()
    assert shell("bridgekit wait web --interface eth7 --timeout 1", check=False).returncode == 1
    assert 1 < time.monotonic() - begun < 10
