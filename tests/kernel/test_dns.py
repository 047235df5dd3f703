"""The files that name a guest: what programs inside see, and what undo gives back."""

from __future__ import annotations

import os
import shutil
from itertools import permutations

import pytest

from bridgekit import recipes
from bridgekit.plan import Plan
from tests.kernel import measure, trial
from tests.kernel.cases import DIALECTS, GATEWAY, SUBNET, WEB, in_the_host, written
from tests.kernel.world import shell

RESOLVER = "203.0.113.2"  # of the throw-away host; it knows www.example.test
# The first of them reads the host's files: it must not wait long for servers that do not answer here.
FILES = {
    "hosts": "127.0.0.1\tlocalhost\n",
    "resolv.conf": "# from elsewhere\nnameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    "hostname": "throw-away\n",
}
GUESTS = ("web", "podman:pod", "netns:red")
every_guest = pytest.mark.parametrize("guest", GUESTS)


def prepare() -> None:
    """A host whose own files are known, and the way out for the guests."""
    for name, text in FILES.items():
        with open(f"/etc/{name}", "w") as file:
            file.write(text)
    for guest, engine in (("web", "docker"), ("pod", "podman")):
        shell(f"cat /etc/resolv.conf >$({engine} inspect -f '{{{{.ResolvConfPath}}}}' {guest})")


def inside(guest: str) -> str:
    """The beginning of a command in a guest."""
    kind, _, name = guest.rpartition(":")
    return {"netns": f"ip netns exec {name}", "": f"docker exec {name}"}.get(kind, f"{kind} exec {name}")


def finds(guest: str, name: str) -> str:
    """The address that a program in a guest gets for a name; empty if it gets none."""
    out = shell(f"{inside(guest)} timeout 5 getent hosts {name}", check=False).stdout
    return out.split()[0] if out else ""


def reads(guest: str, path: str) -> str:
    """A file as a program in a guest sees it."""
    return shell(f"{inside(guest)} cat {path}").stdout


def up(plan: Plan, dialect: str = "modern") -> None:
    done = trial.bash(written(plan, dialect))
    assert done.code == 0, done


def down(plan: Plan, dialect: str = "modern") -> None:
    done = trial.bash(written(plan, dialect), "down")
    assert (done.code, done.err) == (0, ""), done


@pytest.mark.parametrize("dialect", DIALECTS)
@every_guest
@in_the_host
def test_the_guest_finds_the_new_names_and_nobody_else_does(guest: str, dialect: str) -> None:
    assert shutil.which("dnsmasq"), "dnsmasq-base is needed"
    prepare()
    up(recipes.attach(guest, WEB[4], gateway=GATEWAY[4]))
    up(recipes.outbound(SUBNET[4]))
    measure.name_guests()
    before = measure.state()
    wanted = {"db": "10.0.0.3", "six": "fd00::3", "www.example.test": RESOLVER, "www": RESOLVER, "app": "10.0.0.2"}
    assert {name: finds(guest, name) for name in wanted} == dict.fromkeys(wanted, "")
    plan = recipes.dns(
        guest, hostname="app", dns=[RESOLVER], search=["example.test"], host=["db:10.0.0.3", "six:fd00::3"]
    )
    up(plan, dialect)
    assert {name: finds(guest, name) for name in wanted} == wanted
    assert reads(guest, "/etc/hostname") == "app\n"
    assert reads(guest, "/etc/hosts") == "10.0.0.3\tdb\nfd00::3\tsix\n10.0.0.2\tapp\n127.0.0.1\tlocalhost\n"
    assert reads(guest, "/etc/resolv.conf").splitlines() == [
        "search example.test",
        "# from elsewhere",
        f"nameserver {RESOLVER}",
        "options timeout:1 attempts:1",
    ]
    named = shell(f"{inside(guest)} hostname").stdout
    assert named == ("throw-away\n" if guest == "netns:red" else "app\n"), "a namespace has the host's own"
    assert shell("hostname").stdout == "throw-away\n"
    for name, text in FILES.items():
        assert shell(f"cat /etc/{name}").stdout == text
    other = next(each for each in GUESTS if each != guest)
    assert finds(other, "db") == ""
    down(plan, dialect)
    assert {name: finds(guest, name) for name in wanted} == dict.fromkeys(wanted, "")
    measure.same(before, measure.state(), "by up and down")


@in_the_host
def test_each_option_changes_its_own_file_alone() -> None:
    prepare()
    before = {path: reads("web", path) for path in ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname")}
    options: dict[str, Plan] = {
        "/etc/hosts": recipes.dns("web", host=["db:10.0.0.3"]),
        "/etc/resolv.conf": recipes.dns("web", search=["a.test"]),
        "/etc/hostname": recipes.dns("web", hostname="app"),  # it has no address, so no line in hosts
    }
    for changed, plan in options.items():
        up(plan)
        assert {path for path, text in before.items() if reads("web", path) != text} == {changed}
        down(plan)


def runs(guest: str) -> list[Plan]:
    """Three runs on one guest; some of what each makes is the others' too."""
    return [
        recipes.dns(guest, dns=[RESOLVER], host=["db:10.0.0.3"]).renamed("one"),
        recipes.dns(guest, dns=[RESOLVER], search=["example.test"], host=["six:fd00::3"]).renamed("two"),
        recipes.dns(guest, search=["example.test"], host=["db:10.0.0.3", "db:10.0.0.4"]).renamed("three"),
    ]


@every_guest
@in_the_host
def test_runs_on_one_guest_are_undone_in_any_order(guest: str) -> None:
    prepare()
    measure.name_guests()
    plans = runs(guest)
    before = measure.state()
    for order in permutations(range(3)):
        for plan in plans:
            up(plan)
        for number, which in enumerate(order):
            down_with_heirs(plans[which])
            for other in order[number + 1 :]:
                check = trial.bash(written(plans[other]), "check")
                assert check.code == 0, (order, which, other, check)
        measure.same(before, measure.state(), order)


def down_with_heirs(plan: Plan) -> None:
    """What another run needs is handed over, and said."""
    done = trial.bash(written(plan), "down")
    assert done.code == 0, done


@in_the_host
def test_different_lines_of_one_file_are_undone_in_any_order() -> None:
    prepare()
    shell("printf '# c\nnameserver 9.9.9.9\nnameserver 8.8.8.8\nsearch old.test\n# e' >/etc/resolv.conf")
    shell("cat /etc/resolv.conf >$(docker inspect -f '{{.ResolvConfPath}}' web)")
    before = reads("web", "/etc/resolv.conf")
    servers = recipes.dns("web", dns=[RESOLVER]).renamed("servers")
    search = recipes.dns("web", search=["a.test", "b.test"]).renamed("search")
    for first, second in permutations((servers, search)):
        up(servers)
        up(search)
        assert reads("web", "/etc/resolv.conf") == f"# c\nnameserver {RESOLVER}\nsearch a.test b.test\n# e"
        down(first)
        assert trial.bash(written(second), "check").code == 0, "the other run's lines are there still"
        down(second)
        assert reads("web", "/etc/resolv.conf") == before


@in_the_host
def test_what_the_user_adds_meanwhile_stays() -> None:
    prepare()
    plan = recipes.dns("web", hostname="app", dns=[RESOLVER], host=["db:10.0.0.3"])
    up(plan)
    hosts, resolv = (
        shell(f"docker inspect -f '{{{{.{key}}}}}' web").stdout.strip() for key in ("HostsPath", "ResolvConfPath")
    )
    shell(f"echo 10.0.0.9 mine >>{hosts}; echo 'options ndots:2' >>{resolv}")
    down(plan)
    assert reads("web", "/etc/hosts") == FILES["hosts"] + "10.0.0.9 mine\n"
    assert reads("web", "/etc/resolv.conf") == FILES["resolv.conf"] + "options ndots:2\n"


@in_the_host
def test_down_is_clean_after_the_container_is_gone() -> None:
    plan = recipes.dns("web", hostname="app", dns=[RESOLVER], host=["db:10.0.0.3"])
    up(plan)
    shell("docker rm -f web")
    down(plan)
    assert not os.path.exists("/run/bridgekit")


@in_the_host
def test_directories_that_others_use_stay() -> None:
    plan = recipes.dns("netns:red", host=["db:10.0.0.3"])
    up(plan)
    shell("echo mine >/etc/netns/red/mine")
    down(plan)
    assert os.listdir("/etc/netns/red") == ["mine"]
