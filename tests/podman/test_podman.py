"""podman as it is: its containers as guests, and its networks."""

from __future__ import annotations

import json

from tests.docker.engine import Engine
from tests.docker.hands import bridgekit, wait_until

ATTACH = "attach podman:alone 10.0.0.2/24 --gateway 10.0.0.1"
FETCH = "timeout 2 wget -q -O - http://{}/"
FROM_OUTSIDE = f"ip netns exec outside {FETCH}"
_NOT_USED = r"""
exec 2>&1
unshare --mount bash -c '
mount -t tmpfs tmpfs /run/libpod
export PATH=${PATH#/run/host/bin:} STORAGE_DRIVER=vfs
touch /run/host/begin
made() { find /etc/containers /var/lib/containers /run/containers /run/libpod -newer /run/host/begin 2>/dev/null; }
python -m bridgekit show networks >/dev/null
made
echo asked by hand:
podman ps -q
made'
"""


def test_the_way_to_a_port_that_podman_published(podman: Engine) -> None:
    """Its rules, as iptables-save writes them, in the order in which a packet from outside meets them."""
    told = json.loads(bridgekit(podman, "trace outside 203.0.113.1:8080 --json"))
    assert told["answered"]
    rules = [hop["text"] for hop in told["hops"] if (hop["way"], hop["what"]) == ("there", "rule")]
    chains = [rule.split(" -A ")[1].split()[0] for rule in rules]
    assert chains[:3] == ["PREROUTING", "NETAVARK-HOSTPORT-DNAT", "NETAVARK-DN-1D8721804F16F"]
    assert rules[2].endswith(" --dport 8080 -j DNAT --to-destination 10.88.0.2:80")
    saved = {table: podman.print(f"iptables-save -t {table}").splitlines() for table in ("nat", "filter")}
    for _, table, rule in (each.split(" ", 2) for each in rules):
        assert rule in saved[table]


def test_a_container_without_a_network_is_attached(podman: Engine) -> None:
    bridgekit(podman, f"{ATTACH} --yes")
    bridgekit(podman, "outbound 10.0.0.0/24 --yes")
    found = json.loads(bridgekit(podman, "verify podman:alone podman:web --to 203.0.113.2 --count 1 --json"))
    assert len(found) == 9
    assert all(each["ok"] for each in found)
    assert podman.print(FETCH.format("10.0.0.2")) == "I am alone\n"


def test_its_networks_and_their_containers(podman: Engine) -> None:
    found = {each["name"]: each for each in json.loads(bridgekit(podman, "show networks --json"))["networks"]}
    assert set(found) == {"podman", "blue"}
    assert {each["engine"] for each in found.values()} == {"podman"}
    made = {each["name"]: each for each in json.loads(podman.print("podman network inspect podman blue"))}
    for name, bridge, member in (("podman", "podman0", "web"), ("blue", "podman1", "own")):
        network = found[name]
        assert network["bridge"]["name"] == bridge
        assert network["subnets"] == [each["subnet"] for each in made[name]["subnets"]]
        assert network["gateways"] == [network["bridge"]["addresses"][0].partition("/")[0]]
        (one,) = network["members"]
        inside = podman.print(f"podman exec {member} ip addr show eth0; ip -o link show master {bridge}")
        assert one["name"] == member
        assert f"inet {one['addresses'][0]} " in inside
        assert f"ether {one['mac']} " in inside
        assert f": {one['port']}@" in inside


def test_one_that_was_not_used_is_not_asked(podman: Engine) -> None:
    """It would make its files.  Here it has the usual settings, by which nobody asked it."""
    said = podman.print(_NOT_USED).splitlines()
    assert said[:2] == ["No engine answers, so these are the bridges alone.", "asked by hand:"]
    assert "/run/libpod/alive" in said[2:]


def test_published_on_its_network(podman: Engine) -> None:
    """By its name: which bridge is behind it, podman knows."""
    bridgekit(podman, "publish podman:own 8092:80 --network blue --yes")
    for ask in (FROM_OUTSIDE.format("203.0.113.1:8092"), FETCH.format("127.0.0.1:8092")):
        assert podman.print(ask) == "I am own\n"


def test_what_it_knows_is_asked_before_a_run(podman: Engine) -> None:
    """Its network is internal, or one whose rules are none of Docker's; a container exposes ports."""
    podman.sh("podman network create --internal inner")
    try:
        assert "network 'inner' is internal" in bridgekit(podman, "publish podman:web 8093:80 --network inner", code=2)
    finally:
        podman.sh("podman network rm inner")
    said = bridgekit(podman, "wire podman:alone --network blue --yes", code=2)
    assert "network 'blue' is podman's" in said
    assert "attach podman:alone ADDRESS --bridge podman1" in said
    assert "--publish-all --expose 80/tcp --expose 81/udp" in bridgekit(podman, "wire podman:web -P -n")


def test_the_name_servers_of_a_container_without_a_network(podman: Engine) -> None:
    """podman gives it no resolv.conf, and refuses --dns for it."""
    assert podman.print("podman inspect -f '{{.ResolvConfPath}}' alone") == "\n"
    said = bridgekit(podman, "dns podman:alone --dns 9.9.9.9 --yes", code=3)
    assert "podman keeps no resolv.conf for alone" in said
    bridgekit(podman, "dns podman:alone --host db:10.0.0.3 --yes")
    assert "10.0.0.3\tdb" in podman.print("podman exec alone cat /etc/hosts")
    bridgekit(podman, "dns podman:web --dns 9.9.9.9 --yes")
    assert podman.print("podman exec web grep nameserver /etc/resolv.conf") == "nameserver 9.9.9.9\n"


def test_a_container_that_restarts(podman: Engine) -> None:
    """Its namespace is another: the run says so, and is done anew, by hand and by watch."""
    bridgekit(podman, f"{ATTACH} --stay --yes")
    podman.sh("podman restart -t 0 alone")
    said = bridgekit(podman, f"{ATTACH} --yes", code=3)
    assert "bridgekit repair --anew attach-podman-alone-eth0" in said
    bridgekit(podman, "repair --anew attach-podman-alone-eth0")
    assert "inet 10.0.0.2/24" in podman.print("podman exec alone ip addr show eth0")
    podman.sh(
        "setsid python -m bridgekit watch --json </dev/null >/run/host/watch.said 2>&1 & echo $! >/run/host/watch.pid"
    )
    try:
        wait_until(podman, 'grep -q \'"outcome": "same"\' /run/host/watch.said')
        podman.sh("podman restart -t 0 alone")
        wait_until(podman, "podman exec alone ip addr show eth0 | grep -q 'inet 10.0.0.2/24'")
    finally:
        podman.sh("kill $(cat /run/host/watch.pid)")
        wait_until(podman, "! kill -0 $(cat /run/host/watch.pid) 2>/dev/null")
