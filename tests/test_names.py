"""Checked values: what is taken, what is refused, and with which way out.  Cases: tests/cases/names/FUNCTION.json."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from ipaddress import ip_interface, ip_network
from pathlib import Path
from typing import Any

import pytest

from bridgekit import names
from bridgekit.errors import InputError
from bridgekit.names import hostnames, ports
from tests.golden import answer

CASES = Path(__file__).parent / "cases/names"
CALLS: dict[str, Callable[[Any], object]] = {
    "interface": names.interface,
    "netns": names.netns,
    "run_name": names.run_name,
    "image": names.image,
    "guest": lambda text: [names.guest(text).kind, names.guest(text).name],
    "host_address": lambda text: str(names.host_address(text)),
    "subnet": lambda text: str(names.subnet(text)),
    "gateway": lambda given: str(names.gateway(given[0], ip_interface(given[1]))),
    "prefix": lambda text: str(names.prefix(text)),
    "target": lambda text: str(names.target(text)),
    "whole": names.whole,
    "publications": lambda texts: [str(each) for each in ports.publications(texts)],
    "lone_address": lambda text: str(names.lone_address(text)),
    "hosts": lambda given: [str(each) for each in names.hosts(ip_network(given[0]), given[1])],
    "router": lambda given: str(names.router(given[0], ip_network(given[1]))),
    "truth": names.truth,
    "mac": names.mac,
    "mtu": lambda given: names.mtu(*given),
    "hostname": hostnames.hostname,
    "host": hostnames.host,
    "domain": hostnames.domain,
    "resolver": hostnames.resolver,
    "resolvers": lambda texts: list(hostnames.resolvers(tuple(texts))),
    "entry": lambda text: list(hostnames.entry(text)),
    "slug": lambda given: names.slug(*given),
}


def _cases(kind: str) -> Iterator[Any]:
    for path in sorted(CASES.glob("*.json")):
        for number, case in enumerate(json.loads(path.read_text("utf-8")), 1):
            if kind in case:
                yield pytest.param(path.stem, case, id=f"{path.stem}-{number}")


def test_each_file_is_named_after_a_function() -> None:
    assert {path.stem for path in CASES.glob("*.json")} == set(CALLS)


@pytest.mark.parametrize(("function", "case"), [*_cases("gives")])
def test_taken(function: str, case: dict[str, Any]) -> None:
    assert CALLS[function](case["input"]) == case["gives"]


@pytest.mark.parametrize(("function", "case"), [*_cases("refused")])
def test_refused(function: str, case: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refusal:
        CALLS[function](case["input"])
    assert case["refused"] in refusal.value.message
    assert case["hint"] in refusal.value.hint
    assert refusal.value.exit_code == 2
    assert len(str(refusal.value).splitlines()) == 2, "a sentence and its hint, whatever the value holds"


REFUSED_COMMANDS = {
    "a long name": (("bridge", "br0123456789abcd"), "not an interface name: 'br0123456789abcd'"),
    "a command in a name": (("bridge", "br0;reboot"), "not an interface name: 'br0;reboot'"),
    "a command in place of a name": (("bridge", "$(reboot)"), "not an interface name: '$(reboot)'"),
    "a newline": (("bridge", "br0\nreboot"), r"not an interface name: 'br0\nreboot'"),
    "another alphabet": (("bridge", "网桥"), "not an interface name"),
    "an option of the program": (("bridge", "--", "-br0"), "not an interface name: '-br0'"),
    "no prefix": (("attach", "web", "10.0.0.2"), "hint: did you mean 10.0.0.2/24?"),
    "the network": (("bridge", "br0", "--address", "10.0.0.0/24"), "the address of the network itself"),
    "a scope": (("attach", "web", "fe80::1%$(id)/64"), "not an address: 'fe80::1%$(id)/64'"),
    "another gateway": (("attach", "web", "10.0.0.2/24", "--gateway", "10.0.1.1"), "outside 10.0.0.0/24"),
    "the same gateway": (("attach", "web", "10.0.0.2/24", "--gateway", "10.0.0.2"), "the guest's own address"),
    "no MAC": (("attach", "web", "10.0.0.2/24", "--mac", "ff:ff:ff:ff:ff:ff"), "a multicast MAC address"),
    "a small MTU": (("attach", "web", "2001:db8::2/64", "--mtu", "1279"), "1280 to 65535 bytes"),
    "a large MTU": (("attach", "web", "10.0.0.2/24", "--mtu", "70000"), "68 to 65535 bytes"),
    "no process": (("attach", "pid:0", "10.0.0.2/24"), "not a process id: 'pid:0'"),
    "no such runtime": (("attach", "lxd:web", "10.0.0.2/24"), "not a guest: 'lxd:web'"),
    "two names alike": (("attach", "web", "10.0.0.2/24", "--veth", "v", "--peer", "v"), "one name for both ends"),
    "the bridge's own": (("attach", "web", "10.0.0.2/24", "--veth", "br666"), "one name for two interfaces"),
    "lo": (("attach", "web", "10.0.0.2/24", "--interface", "lo"), "not a free name: 'lo'"),
    "a second name": (("attach", "netns:red", "10.0.0.2/24", "--netns", "blue"), "has a name already: 'red'"),
    "no handle": (("attach", "web", "10.0.0.2/24", "--handle", "x"), "hint: one of: bind, symlink"),
    "a host's subnet": (("outbound", "10.0.0.2/24"), "hint: did you mean 10.0.0.0/24?"),
    "a wildcard": (("outbound", "10.0.0.0/24", "--uplink", "em+"), "not an interface name: 'em+'"),
    "a path": (("bridge", "br0", "--name", "../../etc/x"), "not a run name: '../../etc/x'"),
    "all of IPv6": (("bridge", "br0", "--address", "2001:db8:9::1/0"), "did you mean 2001:db8:9::1/64?"),
    "all of IPv4": (("docker0", "--bip", "10.0.0.2/0"), "did you mean 10.0.0.2/24?"),
    "a bridge without room": (("docker0", "--bip", "10.0.0.2/32"), "more guests than 10.0.0.2/32 has addresses (1)"),
    "a network without room": (("network", "blue", "--subnet", "10.0.0.0/32"), "has addresses (1)"),
    "the broadcast address": (("docker0", "--ip", "255.255.255.255"), "no host's address: '255.255.255.255'"),
    "Arabic digits": (("mesh", "br0", "10.0.0.0/24", "--count", "٣"), "not a whole number: '٣'"),
    "an underscore": (("attach", "web", "10.0.0.2/24", "--mtu", "1_500"), "not a whole number: '1_500'"),
    "a space": (("attach", "web", "10.0.0.2/24", "--mtu", " 1500"), "not a whole number: ' 1500'"),
    "a plus": (
        (
            "docker0",
            "--mtu=+1500",
        ),
        "not a whole number: '+1500'",
    ),
    "full-width digits": (("wire", "web", "--made-by", "docker0 --mtu １５００"), "not a whole number: '１５００'"),
    "too many namespaces": (("mesh", "br0", "10.0.0.0/8", "--count", "999999999"), "a bridge of Linux has 1023 ports"),
    "too many ports": (("wire", "web", "-p", "1-4000:1-4000"), "too many ports at once: 4000"),
    "too many exposed ports": (("wire", "web", "--expose", "1-4000", "-P"), "too many ports at once: 4000"),
    "too many ports to open": (("link", "web", "db", "--port", "1-4000"), "too many ports at once: 4000"),
    "too many of a link": (("wire", "web", "--link", "db:db:1-4000"), "too many ports at once: 4000"),
    "an empty name": (("bridge", "br0", "--name", ""), "not a run name: ''"),
}


@pytest.mark.parametrize(("argv", "words"), REFUSED_COMMANDS.values(), ids=REFUSED_COMMANDS)
@pytest.mark.parametrize("way", ["--dry-run", "--json"])
def test_refused_on_the_command_line(argv: tuple[str, ...], words: str, way: str) -> None:
    first, *rest = argv
    code, out, err = answer(first, way, *rest)
    assert (code, out) == (2, "")
    assert err.startswith("bridgekit: ")
    assert words in err
    assert "Traceback" not in err


def test_a_refusal_as_its_user_sees_it() -> None:
    argv = [sys.executable, "-m", "bridgekit", "attach", "web", "10.0.0.2", "--dry-run"]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "bridgekit: an address without its prefix: '10.0.0.2'\n  hint: did you mean 10.0.0.2/24?\n"
