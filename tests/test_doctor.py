"""`doctor`: what is asked, what it means, and what to do about it.  The programs are faked."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from pytest_subprocess import FakeProcess

from bridgekit import doctor, operations
from bridgekit.cli import health
from bridgekit.doctor import MISSING, NOTE, OK, Finding, host
from bridgekit.doctor.finding import some
from bridgekit.doctor.network import network
from bridgekit.errors import HostError
from bridgekit.facts import features, programs, settings
from bridgekit.facts.features import Feature
from bridgekit.facts.settings import Settings
from bridgekit.facts.spaces import Space

GOOD = {
    "net.ipv4.ip_forward": "1",
    "net.ipv6.conf.all.forwarding": "1",
    "net.ipv6.conf.all.disable_ipv6": "0",
    "net.bridge.bridge-nf-call-iptables": "0",
}


def _network(
    parameters: Mapping[str, str] | None = None, legacy: int | None = 0, engine: str = "28"
) -> dict[str, Finding]:
    rules = {"legacy": legacy, "nft": 3}
    return {each.name: each for each in network(Settings(GOOD | dict(parameters or {}), rules, engine))}


def test_a_good_network_needs_no_advice() -> None:
    assert {(each.sign, each.advice) for each in _network().values()} == {(OK, "")}


@pytest.mark.parametrize(
    ("name", "found", "advice", "given"),
    [
        ("ip_forward", "off", "sysctl -w net.ipv4.ip_forward=1", {"net.ipv4.ip_forward": "0"}),
        ("forwarding IPv6", "off", "outbound", {"net.ipv6.conf.all.forwarding": "0"}),
        ("forwarding IPv6", "switched off", "disable_ipv6=0", {"net.ipv6.conf.all.disable_ipv6": "1"}),
        ("forwarding IPv6", "off", "bridgekit forwarding on --ipv6", {"net.ipv6.conf.all.forwarding": "0"}),
        ("bridge-nf-call-iptables", "on", "FORWARD", {"net.bridge.bridge-nf-call-iptables": "1"}),
        ("bridge-nf-call-ip6tables", "on", "FORWARD", {"net.bridge.bridge-nf-call-ip6tables": "1"}),
    ],
)
def test_a_setting_with_consequences(name: str, found: str, advice: str, given: Mapping[str, str]) -> None:
    seen = _network(given)
    assert {key for key, each in seen.items() if each.sign != OK} == {name}
    assert seen[name].sign == NOTE
    assert found in seen[name].found
    assert advice in seen[name].advice


def test_variants_and_engines(monkeypatch: pytest.MonkeyPatch) -> None:
    there: set[str] = set()
    monkeypatch.setattr(sys.modules[network.__module__], "present", there.__contains__)
    assert (_network(engine="")["Docker engine"].sign, _network(engine="")["Docker engine"].advice) == (OK, "")
    there.add("docker")
    assert _network(legacy=2)["iptables variants"].sign == NOTE
    assert _network(legacy=2)["iptables variants"].found == "rules: legacy 2, nft 3"
    assert _network(legacy=None)["iptables variants"].sign == OK
    assert "systemctl start docker" in _network(engine="")["Docker engine"].advice
    assert "not loaded" in _network()["bridge-nf-call-ip6tables"].found


def test_settings_are_asked_for(fp: FakeProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = tmp_path / "names"
    monkeypatch.setattr(settings, "_LEGACY_TABLES", names)
    monkeypatch.setattr(settings, "_CONF", tmp_path)
    fp.keep_last_process(True)
    fp.register(["sysctl", "-e", fp.any()], stdout="net.ipv4.ip_forward = 0\n")
    fp.register(["iptables-save"], stdout="*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n")
    fp.register(["iptables-nft-save"], stdout="*filter\n:FORWARD DROP [0:0]\n-A FORWARD -j ACCEPT\nCOMMIT\n")
    fp.register(["docker", "version", fp.any()], stdout="28.2.2\n")
    # Where there are no legacy tables, iptables-legacy is not asked: it would make them.
    for text in (None, ""):
        if text is not None:
            names.write_text(text)
        found = settings.settings(Space(1))
        assert found == Settings({"net.ipv4.ip_forward": "0"}, {"legacy": 0, "nft": 1}, "28.2.2")
    names.write_text("nat\n")
    fp.register(["iptables-legacy-save"], stdout="*nat\n:OUTPUT ACCEPT [0:0]\n-A OUTPUT -j RETURN\nCOMMIT\n")
    assert settings.settings(Space(1)).rules == {"legacy": 1, "nft": 1}


# Programs


def test_every_program_that_a_script_may_start_is_looked_for() -> None:
    assert set(operations.PACKAGES) <= set(host.PROGRAMS)


def test_programs_and_what_installs_them() -> None:
    versions: dict[str, str | None] = dict.fromkeys(host.PROGRAMS, "1.0") | {"iptables": None, "brctl": None, "ip": ""}
    found = {each.name: each for each in host.programs(versions)}
    assert (found["iptables"].sign, found["iptables"].advice) == (MISSING, "apt-get install iptables")
    assert found["brctl"].sign == NOTE
    assert found["brctl"].advice == "only for `--dialect document`: apt-get install bridge-utils"
    assert found["ip"] == Finding("programs", "ip", OK, "there; it does not tell its version")
    assert found["ping"] == Finding("programs", "ping", OK, "1.0")


def test_versions(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, **_: None if name == "podman" else name)
    fp.register(["ip", "-V"], stdout="ip utility, iproute2-6.1.0\n")
    fp.register(["bash", "--version"], stdout=f"GNU bash {'x' * 100}\nCopyright\n")
    fp.register(["docker", "--version"], returncode=1)
    found = programs.versions(["ip", "bash", "docker", "podman"])
    assert found == {"ip": "ip utility, iproute2-6.1.0", "bash": "GNU bash ...", "docker": "", "podman": None}


# Kernel


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of modules that are on disk; `loaded` beside it is of those that are loaded."""
    folder = tmp_path / features.os.uname().release
    folder.mkdir()
    (tmp_path / "loaded").mkdir()
    monkeypatch.setattr(features, "MODULES", tmp_path)
    monkeypatch.setattr(features, "LOADED", tmp_path / "loaded")
    return folder / "modules.dep"


def _unshare(fp: FakeProcess, answer: str, user: int = 0) -> list[str]:
    scripts: list[str] = []
    fp.register(["unshare", "--user", "--map-root-user", "true"], returncode=user)
    words = ["--user", "--map-root-user"] if user == 0 else []
    fp.register(
        ["unshare", *words, "--net", "--mount", "bash", "-c", fp.any()],
        stdout=answer,
        callback=lambda process: scripts.append(process.args[-1]),
    )
    return scripts


def test_features_are_tried_in_a_namespace_of_their_own(fp: FakeProcess, modules: Path) -> None:
    modules.write_text("kernel/net/bridge/bridge.ko.xz: kernel/net/llc.ko\n")
    (modules.parents[1] / "loaded/bridge").mkdir()
    scripts = _unshare(fp, "tried\nbridge\tworks\nveth\tworks\nVRF\tno Error: Unknown device type.\n")
    found = {each.name: each for each in features.features() or ()}
    assert found["bridge"].works
    assert found["VRF"] == Feature("VRF", False, "Error: Unknown device type.", ("vrf",))
    assert found["nat"].works is False
    assert "ip link add t0 type bridge" in scripts[0]


def test_what_would_load_a_module_is_not_tried(fp: FakeProcess, modules: Path) -> None:
    modules.write_text("kernel/net/8021q/8021q.ko:\nkernel/net/bridge/br_netfilter.ko.zst: a b\nx/nf-nat.ko:\n")
    scripts = _unshare(fp, "tried\n", user=1)
    found = {each.name: each for each in features.features() or ()}
    for name, module in (("802.1Q VLAN", "8021q"), ("br_netfilter", "br_netfilter"), ("nat", "nf_nat")):
        assert (found[name].works, found[name].said) == (None, f"module {module}, not loaded yet")
        assert f"'{name}'" not in scripts[0]
    findings = {each.name: each for each in host.kernel(tuple(found.values()))}
    assert findings["nat"] == Finding("kernel", "nat", OK, "module nf_nat, not loaded yet: loaded when it is needed")
    assert findings["br_netfilter"].found.endswith("Docker, or `modprobe`, loads it")


def test_without_a_namespace_nothing_is_known(fp: FakeProcess) -> None:
    _unshare(fp, "unshare: unshare failed: Operation not permitted\n", user=1)
    assert features.features() is None


def test_what_a_kernel_lacks() -> None:
    lacks = [Feature("veth", False, "Error: Unknown device type.", ("veth",)), Feature("VRF", False, "", ("vrf",))]
    veth, vrf = host.kernel(lacks)
    assert (veth.sign, veth.advice) == (MISSING, "modprobe veth; if there is no such module, a kernel that has it")
    assert (vrf.sign, vrf.found) == (NOTE, "not there")
    assert vrf.advice.startswith("only for VRF links: modprobe vrf")


# Rights


@pytest.mark.parametrize(
    ("root", "user", "made", "signs"),
    [
        (True, True, True, [OK, OK, OK]),
        (True, False, True, [OK, NOTE, OK]),
        (True, False, False, [OK, NOTE, MISSING]),
        (False, True, True, [NOTE, OK, OK]),
        (False, False, False, [NOTE, MISSING]),
    ],
)
def test_rights(root: bool, user: bool, made: bool, signs: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise HostError("sysctl_x is 0", "use sudo")

    monkeypatch.setattr("os.geteuid", lambda: 0 if root else 1000)
    monkeypatch.setattr(host, "user_namespaces", lambda: user)
    monkeypatch.setattr("bridgekit.sandbox.command", refuse if not root else str)
    found = list(host.rights(made))
    assert [each.sign for each in found] == signs
    assert all(each.advice for each in found if each.sign != OK)
    if not (root or user):
        assert found[1].advice == "sysctl_x is 0; use sudo"


# What is printed

FINDINGS = (
    Finding("rights", "root", OK, "yes"),
    Finding("kernel", "VRF", NOTE, "not there", "modprobe vrf"),
    Finding("kernel", "bridge", MISSING, "not there", "modprobe bridge"),
)


@pytest.mark.parametrize(("findings", "code"), [(FINDINGS, 3), (FINDINGS[:2], 0)])
def test_findings_are_lines(
    findings: tuple[Finding, ...], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health, "examine", lambda: findings)
    assert health.show_health(json=False) == (code == 0) == doctor.ready(findings)
    lines = capsys.readouterr().out.splitlines()
    if code == 0:
        assert lines[-1] == "recipes can run"
        return
    assert lines == [
        "rights",
        "  ok       root    yes",
        "kernel",
        "  note     VRF     not there",
        "                   -> modprobe vrf",
        "  missing  bridge  not there",
        "                   -> modprobe bridge",
        "recipes cannot run yet, for lack of: bridge",
    ]
    assert not health.show_health(json=True)
    assert json.loads(capsys.readouterr().out)[1] == {
        "section": "kernel",
        "name": "VRF",
        "sign": NOTE,
        "found": "not there",
        "advice": "modprobe vrf",
    }


def test_of_many_names_there_are_two_others_at_least() -> None:
    assert str(some("abcdef")) == "a, b, c, d, e, f"
    assert str(some("abcdefg")) == "a, b, c, d, e and 2 others"
