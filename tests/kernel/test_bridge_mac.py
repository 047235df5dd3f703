"""A bridge that we make keeps its MAC address, whatever its ports do."""

from __future__ import annotations

import json

import pytest

from tests.kernel.cases import DIALECTS
from tests.kernel.world import in_throwaway_host, shell

# Each with the bridge that it makes, and what makes an end that comes and goes.
MADE = {
    "attach": ("attach netns:red 10.0.0.2/24 --gateway 10.0.0.1", "br666"),
    "bridge": ("bridge br666 --address 10.0.0.1/24", "br666"),
    "mesh": ("mesh br666 10.0.0.0/24 netns:red --count 1", "br666"),
    "docker0": ("docker0", "docker0"),
    "network": ("network blue", "br-blue"),
}


def mac(bridge: str) -> str:
    (link,) = json.loads(shell(f"ip -j link show dev {bridge}").stdout)
    return str(link["address"])


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("recipe", MADE)
@in_throwaway_host("netns:red")
def test_ports_come_and_go_and_the_bridge_keeps_its_mac(recipe: str, dialect: str) -> None:
    command, bridge = MADE[recipe]
    shell(f"bridgekit {command} --yes --dialect {dialect}")
    first = mac(bridge)
    # The lowest that there is, which a bridge without one of its own takes.
    shell(f"ip link add low address 00:00:00:00:00:01 type veth peer name high; ip link set low master {bridge} up")
    with_it = mac(bridge)
    shell("ip link del low")
    assert [first, with_it] == [mac(bridge)] * 2


@in_throwaway_host("netns:red", "netns:green")
def test_the_others_keep_their_gateway_when_a_guest_goes() -> None:
    shell("bridgekit attach netns:red 10.0.0.2/24 --gateway 10.0.0.1 --yes")
    shell("bridgekit attach netns:green 10.0.0.3/24 --gateway 10.0.0.1 --yes")
    for gone, stays in (("red", "green"), ("green", "red")):
        known = f"ip -n {stays} neigh replace 10.0.0.1 dev eth0 nud permanent lladdr {mac('br666')}"
        shell(f"{known}; bridgekit undo attach-netns-{gone}-eth0")  # it goes on using what it knows
        assert shell(f"ip netns exec {stays} ping -c 1 -W 2 10.0.0.1", check=False).returncode == 0
        shell(f"bridgekit attach netns:{gone} 10.0.0.2{len(gone)}/24 --gateway 10.0.0.1 --yes")


@in_throwaway_host()
def test_a_bridge_that_was_there_keeps_what_it_has() -> None:
    shell("ip link add br666 address 02:00:00:00:00:77 type bridge; ip netns add red")
    shell("bridgekit attach netns:red 10.0.0.2/24 --yes")
    assert mac("br666") == "02:00:00:00:00:77"
    shell("bridgekit undo --all")
    assert mac("br666") == "02:00:00:00:00:77"
