"""pipework: the state after ours is the state after the old tool's commands, and comes back."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from pathlib import Path
from typing import Any

from bridgekit import recipes
from tests.kernel import measure
from tests.kernel.cases import in_the_host, mac_of, written
from tests.kernel.test_links import inside
from tests.kernel.trial import FOLDER, bash
from tests.kernel.world import in_throwaway_host, shell

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "cases/pipework.json").read_text("utf-8"))
HERE = [case for case in CASES if "kernel" not in case]
# What the guest has before, where a form gives it another default route.
DEFAULT = (
    "ip -n {0} link add d0 type bridge; ip -n {0} link set d0 up; ip -n {0} addr add 172.17.0.2/16 dev d0; "
    "ip -n {0} route add default via 172.17.0.1"
)


def pipework(words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """The command itself."""
    return shell(f"bridgekit pipework --yes {words}", check=check)


def _links(netns: str = "") -> list[dict[str, Any]]:
    found = shell(f"ip {f'-n {netns}' if netns else ''} -j -d addr").stdout
    return [each for each in json.loads(found) if each and each["ifname"] != "lo"]


def _link(link: dict[str, Any], mac: bool) -> dict[str, Any]:
    kind = link.get("linkinfo", {})
    addresses = [each for each in link["addr_info"] if not each.get("local", "fe80").startswith("fe80")]
    return {
        "kind": kind.get("info_kind"),
        "mode": kind.get("info_data", {}).get("mode"),
        "mtu": link["mtu"],
        "up": "UP" in link["flags"],
        "mac": link["address"] if mac else "",
        "addresses": [(each["local"], each["prefixlen"], each.get("broadcast")) for each in addresses],
    }


def seen(netns: str, mac: bool) -> dict[str, Any]:
    """What the old tool and ours must leave alike: all but the names of the host's ends, and random MAC addresses."""
    routes = [
        {name: route.get(name) for name in ("dst", "gateway", "dev", "metric", "prefsrc", "protocol")}
        for family in "46"
        for route in json.loads(shell(f"ip -n {netns} -{family} -j route").stdout)
        if not route["dst"].startswith(("fe80", "ff00"))
    ]
    host = {each["ifname"]: each for each in _links()}
    ports = [(each["master"], "UP" in each["flags"], each["mtu"]) for each in host.values() if "master" in each]
    kept = [name for name in ("br1", "em1", "nic1") if name in host]
    return {
        "guest": {each["ifname"]: _link(each, mac) for each in _links(netns)},
        "routes": sorted(routes, key=str),
        "host": {name: _link(host[name], False) for name in kept},
        "named": [name for name in ("hostapp1",) if name in host],
        "ports": ports,
    }


def _old(case: dict[str, Any]) -> dict[str, Any]:
    """The state after the old tool's commands; then all is as before."""
    shell(f"ip netns add old; {case.get('before', '')}")
    if "default" in case:
        shell(DEFAULT.format("old"))
    for command in case["commands"]:
        typed = command.replace("N ip", "ip netns exec old ip").replace("netns P", "netns old")
        shell(typed)
    found = seen("old", "mac" in case)
    shell("for each in L hostapp1 phP cable br1; do ip link del $each 2>/dev/null; done; ip netns del old", check=False)
    _until(lambda: {each["ifname"] for each in _links()} == {"em1"})
    return found


def _until(holds: Any) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline, shell("ip link").stdout
        time.sleep(0.02)


@in_throwaway_host()
def test_the_state_after_each_form_is_the_old_tools() -> None:
    assert len(HERE) == 16
    for case in HERE:
        old = _old(case)
        shell(f"ip netns add new; {case.get('before', '')}")
        if "default" in case:
            shell(DEFAULT.format("new"))
        before = measure.state()
        words = case["words"].replace("GUEST", "netns:new").replace("MAC-OF-em1", f"mac:{mac_of('em1').upper()}")
        script = written(recipes.pipework(shlex.split(words)))
        first = bash(script)
        assert first.code == 0, (case["form"], first)
        assert seen("new", "mac" in case) == old, case["form"]
        assert bash(script, "down").code == 0
        measure.same(before, measure.state(), case["form"])
        shell("for each in cable br1; do ip link del $each 2>/dev/null; done; ip netns del new", check=False)
        _until(lambda: {each["ifname"] for each in _links()} == {"em1"})


# Kinds that this kernel lacks, by kinds that it has: `ip` says so, and Open vSwitch's program keeps a bridge of Linux.
STAND_INS = {
    "ip": r"""#!/bin/bash
after='' words=() shown=''
for each; do
  case $after-$each in
  type-dummy) words+=(veth) ;;
  type-ipvlan) words+=(macvlan) ;;
  *-l2) words+=(bridge) ;;
  type-vlan)
    words+=(veth) shown=1
    [ "$1 $2" != 'link add' ] || { words=(link add name "$6" type veth) && shown=''; } ;;
  vlan-id | id-20) ;;
  *) words+=("$each") ;;
  esac
  after=$each
done
real=$(PATH=${PATH#*:}:/usr/sbin:/sbin command -v ip)
[ -n "$shown" ] || exec "$real" "${words[@]}"
"$real" "${words[@]}" | sed 's/@[^:]*/@em1/; s/ veth/ vlan id 20 /'
""",
    "ovs-vsctl": r"""#!/bin/bash
case $1 in
br-exists) [ -n "$(ip link show dev "$2" type bridge 2>/dev/null)" ] || exit 2 ;;
add-br) ip link add name "$2" type bridge ;;
del-br) ip link del dev "$2" ;;
list-ports) ip -o link show master "$2" | sed 's/^[0-9]*: \([^@:]*\).*/\1/' ;;
add-port) ip link set "$3" master "$2" ;;
--if-exists) ip link set "$4" nomaster ;;
esac
""",
}


@in_the_host
def test_what_this_kernel_cannot_is_done_and_taken_back_where_it_can() -> None:
    folder = FOLDER / "bin"
    folder.mkdir(parents=True)
    for name, text in STAND_INS.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    measure.name_guests()
    before = measure.state()
    for words in ("dummy", "em1 --mode l2", "ovs0", "em1 @20", "br20@em1 @20", "ovs0 @20"):
        link, *more = words.split()
        script = written(recipes.pipework([link, "web", "192.168.1.1/24@192.168.1.9", *more]))
        first = bash(script)
        assert first.code == 0, (words, first)
        assert "192.168.1.1/24" in shell(f"{inside('web')}ip -o addr show dev eth1").stdout, words
        up = measure.state()
        again = bash(script)
        assert (again.code, {*again.words} - {"same", "ok"}) == (0, set()), (words, again)
        measure.same(up, measure.state(), words)
        assert bash(script, "down").code == 0
        measure.same(before, measure.state(), words)


@in_the_host
def test_a_card_comes_back_when_its_guest_is_gone() -> None:
    shell(
        "ip link add nic1 type veth peer name cable; ip link set cable up; ip link set nic1 up; "
        "ip addr add 192.0.2.9/24 dev nic1"
    )
    before = [line for line in measure.state() if "container" not in line and "host name" not in line]
    pipework("--direct-phys nic1 web 192.168.1.1/24")
    shell("docker stop web")
    shell("bridgekit pipework --remove web")
    assert "192.0.2.9/24" in shell("ip -o addr show dev nic1").stdout
    after = [line for line in measure.state() if "container" not in line and "host name" not in line]
    measure.same(before, after, "by a guest that stopped")
