"""`doctor` on a real kernel, which it must leave as it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bridgekit import facts
from bridgekit.facts.features import features
from tests.kernel.world import in_throwaway_host, shell


def doctor(code: int = 0, environment: str = "") -> dict[str, dict[str, Any]]:
    """What doctor finds, by name."""
    done = shell(f"{environment} bridgekit doctor --json", check=False)
    assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
    return {each["name"]: each for each in json.loads(done.stdout)}


def modules() -> list[str]:
    """The modules that are loaded."""
    path = Path("/proc/modules")
    return sorted(line.split()[0] for line in path.read_text().splitlines()) if path.exists() else []


@in_throwaway_host()
def test_a_throw_away_host_is_ready_and_stays_as_it_is() -> None:
    before, loaded = facts.snapshot(macs=True), modules()
    found = doctor()
    assert (facts.snapshot(macs=True), modules()) == (before, loaded)
    for name in ("root", "network namespaces", "bash", "ip", "iptables", "bridge", "veth", "nat"):
        assert found[name]["sign"] == "ok", found[name]
    assert "iproute2" in found["ip"]["found"]
    assert all(each["advice"] for each in found.values() if each["sign"] != "ok")


@in_throwaway_host()
def test_settings_are_told_as_they_are() -> None:
    found = doctor()
    assert (found["ip_forward"]["found"], found["FORWARD"]["found"]) == ("off", "drops nothing by default")
    shell("sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.rp_filter=1; iptables -P FORWARD DROP")
    shell("iptables-legacy -A INPUT -j ACCEPT; iptables-nft -A INPUT -j ACCEPT")
    found = doctor()
    assert (found["ip_forward"]["found"], found["ip_forward"]["sign"]) == ("on", "ok")
    assert (found["FORWARD"]["found"], found["FORWARD"]["sign"]) == ("policy DROP", "note")
    assert found["rp_filter"]["found"] == "strict on em1, each new link"
    assert found["iptables variants"]["found"] == "rules: legacy 1, nft 1"
    assert found["iptables variants"]["sign"] == "note"


@in_throwaway_host()
def test_what_a_kernel_says_is_what_it_does() -> None:
    for each in features() or ():
        if each.name in ("bridge", "dummy", "vxlan") and each.works is not None:
            extra = " id 7 dstport 4789" if each.name == "vxlan" else ""
            done = shell(f"ip link add own0 type {each.name}{extra} && ip link del own0", check=False)
            assert (done.returncode == 0) == each.works, each


@in_throwaway_host()
def test_a_program_that_is_missing_is_named_with_its_package() -> None:
    # A host with these programs and no others: bridgekit looks in sbin too, so that is hidden.
    few = "bash sh ip mount sysctl unshare nsenter"
    shell(f"mkdir /run/few; for each in {few}; do cp -L $(command -v $each) /run/few; done")
    shell("mount -t tmpfs tmpfs /usr/sbin; [ /sbin -ef /usr/sbin ] || mount -t tmpfs tmpfs /sbin")
    found = doctor(code=3, environment="PATH=/run/few:/run/host/bin")
    assert (found["iptables"]["sign"], found["iptables"]["advice"]) == ("missing", "apt-get install iptables")
    assert found["nat"]["sign"] == "missing"
    assert found["brctl"]["sign"] == "note"
    said = shell("PATH=/run/few:/run/host/bin bridgekit doctor", check=False).stdout
    assert said.splitlines()[-1].startswith("recipes cannot run yet, for lack of: iptables")
