"""`doctor` names each link by which others reach what listens at 127.0.0.1.  The programs are faked."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_subprocess import FakeProcess

from bridgekit.doctor import NOTE, OK
from bridgekit.doctor.network import network
from bridgekit.facts import settings
from bridgekit.facts.settings import Settings
from bridgekit.facts.spaces import Space


@pytest.mark.parametrize(("matches", "opened"), [("-i br0", ["docker0"]), ("! -i lo", [])])
def test_links_by_which_127_may_be_asked(
    matches: str, opened: list[str], fp: FakeProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"all": 0, "br0": 1, "docker0": 1, "em1": 0, "lo": 1}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "route_localnet").write_text(f"{value}\n")
    monkeypatch.setattr(settings, "_CONF", tmp_path)
    fp.register(["sysctl", fp.any()])
    fp.register(["docker", fp.any()], returncode=1)
    fp.register(["iptables-nft-save"], stdout="")
    rule = f"-A PREROUTING -d 127.0.0.0/8 {matches} -j DROP"
    fp.register(["iptables-save"], stdout=f"*raw\n:PREROUTING ACCEPT [0:0]\n{rule}\nCOMMIT\n")
    found = settings.settings(Space(1)).localnet
    assert found == {"br0": "br0" not in opened, "docker0": "docker0" not in opened}
    (finding,) = [each for each in network(Settings({}, {}, "", found)) if each.name == "route_localnet"]
    assert finding.sign == (NOTE if opened else OK)
    assert finding.found == (
        f"on for {opened[0]}" if opened else "on for br0, docker0; a rule drops what enters for 127.x"
    )
    assert (
        "".join(f"iptables -t raw -I PREROUTING -i {name} -d 127.0.0.0/8 -j DROP" for name in opened) in finding.advice
    )
