"""How networks stand: what cannot be had cheaply on a kernel.  The rest is in tests/kernel/test_doctor_reports.py."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_subprocess import FakeProcess

from bridgekit.doctor.crowd import crowd
from bridgekit.doctor.finding import some
from bridgekit.doctor.ports import ports
from bridgekit.doctor.switches import switches
from bridgekit.doctor.ways import ways
from bridgekit.facts import connections, counters, neighbours
from bridgekit.facts.links import Link
from bridgekit.facts.neighbours import Table
from bridgekit.facts.places import Place, Route, Seen, route
from bridgekit.facts.spaces import Space
from bridgekit.names.ports import Port

BRIDGE = Link(1, "br0", "bridge", True, 1500, "", "default", "02::", ("10.0.0.1/24",))
PORT = Link(2, "v", "veth", True, 1500, "br0", "default", "02::", (), state="forwarding")
ROOM = {4: Table(1, 1024), 6: Table(1, 1024)}


def seen(number: int, *routes: Route) -> Seen:
    """A host with a bridge of so many ports."""
    inside = (BRIDGE, *(replace(PORT, index=each, name=f"v{each}") for each in range(2, number + 2)))
    return Seen(Place("host", Space(1), inside, routes=routes), (), {})


@pytest.mark.parametrize(("number", "notes"), [(899, 0), (900, 1)])
def test_a_bridge_that_is_nearly_full(number: int, notes: int) -> None:
    found = list(ports(seen(number), ()))
    assert len(found) == notes
    assert all((each.found, "no more than 1023" in each.advice) == ("900", True) for each in found)


@pytest.mark.parametrize(("number", "notes"), [(31, 0), (32, 1)])
def test_guests_that_want_more_neighbours_than_there_is_room_for(number: int, notes: int) -> None:
    found = list(crowd(seen(number), ROOM))
    assert len(found) == notes
    assert all(
        each.found == "room for 1024; if all guests of a bridge speak to each other, 1056 are wanted" for each in found
    )
    assert all("net.ipv4.neigh.default.gc_thresh3=4096" in each.advice for each in found)


def test_a_neighbour_table_that_is_nearly_full() -> None:
    assert not list(crowd(seen(2), {4: Table(768, 1024), 6: Table(0, 1024)}))
    (found,) = crowd(seen(2), {4: Table(0, 1024), 6: Table(769, 1024)})
    assert found.found == "769 of 1024 entries, for all namespaces of this machine"
    assert found.breaks.versions == (6,)


def test_routes_as_ip_prints_them() -> None:
    hops = [{"gateway": "203.0.113.2", "dev": "em1"}, {"via": {"family": "inet6", "host": "fe80::1"}, "dev": "tun0"}]
    found = route({"dst": "default", "nexthops": hops, "metric": 7, "protocol": "static"}, 4)
    assert (found.to, found.metric, found.made_by) == ("default", 7, "static")
    assert [(hop.gateway, hop.link) for hop in found.hops] == [("203.0.113.2", "em1"), ("fe80::1", "tun0")]
    assert [each.found for each in ways(seen(0, found))] == ["203.0.113.2 by em1, metric 7; fe80::1 by tun0, metric 7"]


def test_a_link_whose_name_is_hostile_is_one_word() -> None:
    odd = replace(BRIDGE, name="$(reboot)")
    set_to = {"all": {"ipv4.proxy_arp": "0"}, odd.name: {"ipv4.proxy_arp": "1"}}
    (found,) = switches(Seen(Place("host", Space(1), (odd,), set_to), (), {}))
    assert "sysctl -w 'net/ipv4/conf/$(reboot)/proxy_arp=0'" in found.advice


def test_of_many_names_a_few_are_shown() -> None:
    assert some(["a", "b", "c", "d", "e"]) == "a, b, c, d, e"
    assert some([*"abcdefg"]) == "a, b, c, d, e and 2 others"


# The questions to the kernel


def test_a_neighbour_table_as_ip_tells_it(fp: FakeProcess) -> None:
    said = '[{"name":"arp_cache","thresh3":1024,"entries":259},{"name":"arp_cache","dev":"lo"}]'
    fp.register(["ip", "-j", "-s", "ntable", "show", "name", "arp_cache"], stdout=said)
    fp.register(["ip", "-j", "-s", "ntable", "show", "name", "ndisc_cache"], returncode=1)
    assert neighbours.table(4) == Table(259, 1024)
    assert Table(259, 1024).room == 765
    assert neighbours.table(6) is None


def test_neighbours_that_somebody_has_set_are_not_ours(fp: FakeProcess) -> None:
    said = (
        '[{"dst":"10.0.0.2","dev":"eth0","lladdr":"02::","state":["REACHABLE"]},'
        '{"dst":"10.0.0.3","dev":"eth0","lladdr":"02::","state":["PERMANENT"]}]'
    )
    fp.register(["ip", "-j", "neigh"], stdout=said)
    assert neighbours.neighbours(Space(1)) == {("10.0.0.2", "eth0")}


def test_who_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    head, row = "  sl  local_address rem_address   st\n", "   0: {}:{:04X} 00000000:0000 {} 00000000:00000000\n"
    v4 = [("0100007F", 80, "0A"), ("0200000A", 80, "0A"), ("00000000", 81, "0A"), ("0300000A", 80, "01")]
    v6 = [("00000000000000000000000001000000", 80, "0A"), ("0" * 32, 80, "0A")]
    (tmp_path / "tcp").write_text(head + "".join(row.format(*each) for each in v4))
    (tmp_path / "tcp6").write_text(head + "".join(row.format(*each) for each in v6))
    (tmp_path / "udp").write_text(head + row.format("00000000", 53, "07"))  # of a kernel without IPv6
    monkeypatch.setattr(connections, "_NET", tmp_path)
    assert connections.listeners(Space(1), Port(80)) == ("127.0.0.1", "10.0.0.2", "::1", "*")
    assert connections.listeners(Space(1), Port(53, "udp")) == ("*",)
    assert connections.listeners(Space(1), Port(54, "udp")) == ()
    assert connections.listeners(Space(9, "/run/netns/no-such"), Port(80)) is None


def test_counters() -> None:
    said = "Icmp: InMsgs InEchos\nIcmp: 7 5\nIcmpMsg: InType8\nIcmpMsg: 5\nIcmp6InEchos\t3\n\n"
    assert counters.counted(said) == {"IcmpInMsgs": 7, "IcmpInEchos": 5, "IcmpMsgInType8": 5, "Icmp6InEchos": 3}
