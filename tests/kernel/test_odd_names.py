"""Names that a guest, or whoever made a namespace, chose to be obeyed by a terminal."""

from __future__ import annotations

import json

import pytest

from bridgekit import facts
from tests.kernel.world import in_throwaway_host, shell

NAMES = [b"\x1b[31m", b"a\x01b", b"a'b\"c\\d", b"\x7f\xff", "é网".encode()]
COMMANDS = ["show", "show peers", "show networks", "verify netns:red --count 1", "doctor"]
OBEYED = [*range(0x20), *range(0x7F, 0xA0)]


def quoted(name: bytes) -> str:
    """A name of any bytes as bash reads it."""
    return "$'" + "".join(f"\\x{byte:02x}" for byte in name) + "'"


@pytest.mark.parametrize("number", range(len(NAMES)))
@in_throwaway_host("web", "netns:red")
def test_a_guests_link_with_an_odd_name(number: int) -> None:
    name = quoted(NAMES[number])
    shell(f"ip -n red link add name {name} type veth peer name far netns 1")
    shell(f"ip addr add 10.0.0.1/24 dev far; ip link set far up; ip -n red link set {name} up")
    shell(f"ip -n red addr add 10.0.0.2/24 dev {name}; ip netns add $'two\\nlines\\e[1m'")
    for command in COMMANDS:
        done = shell(f"bridgekit {command}")
        assert "Traceback" not in done.stderr
        assert not {chr(code) for code in OBEYED if chr(code) != "\n"}.intersection(done.stdout + done.stderr), command
        assert json.loads(shell(f"bridgekit {command} --json").stdout)
    guests = [row.split()[0] for row in shell("bridgekit show peers").stdout.splitlines()]
    assert guests == ["GUEST", "outside", "red"]
    assert "two\\nlines\\x1b[1m" in shell("bridgekit show").stdout
    assert facts.snapshot()
