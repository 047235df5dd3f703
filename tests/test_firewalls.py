"""What decides packets: base chains as iptables-save and nft print them, and what `doctor` says of them.

The texts are recorded: iptables 1.8.9, nft 1.0.6.
"""

from __future__ import annotations

import json

import pytest
from pytest_subprocess import FakeProcess

from bridgekit.doctor.filters import filters
from bridgekit.doctor.finding import BRIDGED, FORWARDED, INPUT, NOTE, OK, Finding
from bridgekit.facts import firewalls as asked
from bridgekit.facts.firewalls import Chain, Firewalls, firewalls, of_iptables, of_nft
from bridgekit.facts.links import Link
from bridgekit.facts.places import Place, Seen
from bridgekit.facts.spaces import Space
from bridgekit.facts.tables import Entry

BR0 = Link(2, "br0", "bridge", True, 1500, "", "default", "02::1", ("10.0.0.1/24",))
PODMAN = Link(3, "podman0", "bridge", True, 1500, "", "default", "02::2", ("10.88.0.1/16",))
HEAD = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD {} [0:0]\n:OUTPUT ACCEPT [0:0]\n"
NFT = {
    "nftables": [
        {"metainfo": {"version": "1.0.6", "release_name": "Lester Gooch #5", "json_schema_version": 1}},
        {"table": {"family": "inet", "name": "f", "handle": 1}},
        {
            "chain": {
                **{"family": "inet", "table": "f", "name": "fw", "handle": 1},
                **{"type": "filter", "hook": "forward", "prio": 10, "policy": "drop"},
            }
        },
        {
            "chain": {
                **{"family": "inet", "table": "f", "name": "in", "handle": 3},
                **{"type": "filter", "hook": "input", "prio": 0, "policy": "accept"},
            }
        },
        {
            "rule": {
                **{"family": "inet", "table": "f", "chain": "fw", "handle": 2},
                "expr": [
                    {"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": "established"}},
                    {"accept": None},
                ],
            }
        },
        {
            "rule": {
                **{"family": "inet", "table": "f", "chain": "in", "handle": 4},
                "expr": [{"counter": {"packets": 0, "bytes": 0}}, {"drop": None}],
            }
        },
        {"table": {"family": "ip", "name": "filter", "handle": 2}},
        {
            "chain": {
                **{"family": "ip", "table": "filter", "name": "FORWARD", "handle": 1},
                **{"type": "filter", "hook": "forward", "prio": 0, "policy": "drop"},
            }
        },
    ]
}


def forward(rules: str, policy: str = "ACCEPT", program: str = "iptables") -> Chain:
    """The FORWARD chain of a saved filter."""
    return of_iptables(program, f"{HEAD.format(policy)}{rules}COMMIT\n")[0]


def judged(
    *chains: Chain, bridges: tuple[Link, ...] = (BR0,), bridged: bool = False, nft: bool = True
) -> list[Finding]:
    """What is said of chains."""
    seen = Seen(Place("host", Space(1), bridges), (), {})
    return list(filters(Firewalls(chains, nft), seen, bridged))


@pytest.mark.parametrize(
    ("rules", "policy", "drops", "unasked"),
    [
        ("", "ACCEPT", False, 0),
        ("", "DROP", True, 0),
        ("-A FORWARD -j REJECT --reject-with icmp-port-unreachable\n-A FORWARD -i br0 -j ACCEPT\n", "ACCEPT", True, 1),
        ('-A FORWARD -m comment --comment "it\'s \\"all\\"" -j DROP\n', "ACCEPT", True, 0),
        ("-A FORWARD -s 10.0.0.0/8 -j DROP\n", "ACCEPT", False, 0),
        ("-A FORWARD -j ACCEPT\n-A FORWARD -j DROP\n", "DROP", False, 1),
        ("-A FORWARD -j ufw\n-A ufw -i br9 -j ACCEPT\n-A ufw -j end\n-A end -j REJECT\n", "ACCEPT", True, 0),
        ("-A FORWARD -j ufw\n-A ufw -i br9 -j RETURN\n-A ufw -j DROP\n", "ACCEPT", False, 0),
        ("-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j RETURN\n", "DROP", True, 0),
        ("-A FORWARD -j a\n-A a -j b\n-A b -j a\n", "ACCEPT", False, 0),
    ],
)
def test_what_ends_a_chain(rules: str, policy: str, drops: bool, unasked: int) -> None:
    found = forward(rules, policy)
    assert (found.drops, len(found.unasked)) == (drops, unasked)


@pytest.mark.parametrize(
    ("rule", "accepts"),
    [
        ("-A FORWARD -i br0 -j ACCEPT", True),
        ("-A FORWARD -i br+ -j ACCEPT", True),
        ("-A FORWARD ! -i br0 -j ACCEPT", False),
        ("-A FORWARD -d 10.0.0.7/32 ! -i br0 -o br0 -p tcp -j ACCEPT", True),
        ("-A FORWARD -s 10.0.0.0/16 -j ACCEPT", True),
        ("-A FORWARD -s 0.0.0.0/0 -m conntrack --ctstate ESTABLISHED -j ACCEPT", False),
        ("-A FORWARD -j mine\n-A mine -i br0 -j ACCEPT", True),
        ("-A INPUT -i br0 -j ACCEPT", False),
        ("-A unused -i br0 -j ACCEPT", False),
    ],
)
def test_what_a_chain_accepts(rule: str, accepts: bool) -> None:
    assert forward(f"{rule}\n", "DROP").accepts(BR0) == accepts


def test_a_policy_that_drops_is_named_where_it_is() -> None:
    (finding, _) = judged(forward("", "DROP", "ip6tables-legacy"))
    assert (finding.sign, finding.name) == (NOTE, "FORWARD, ip6tables-legacy")
    assert finding.found == "policy DROP; no rule accepts br0"
    assert finding.advice.endswith(
        "ip6tables-legacy -I FORWARD -i br0 -j ACCEPT; ip6tables-legacy -I FORWARD -o br0 -j ACCEPT"
    )
    assert finding.breaks.stop([FORWARDED], ["web"], 6)
    assert not finding.breaks.stop([FORWARDED], ["web"], 4)
    assert not finding.breaks.stop([BRIDGED], ["web"], 6)
    assert judged(forward("", "DROP"), bridged=True)[0].breaks.stop([BRIDGED], ["web"], 4)


def test_what_is_accepted_all_the_same_needs_no_word() -> None:
    (finding, *_) = judged(forward("-A FORWARD -i br0 -j ACCEPT\n", "DROP"))
    assert (finding.sign, finding.found) == (OK, "drops by default, and rules accept each bridge")
    assert [each.found for each in judged(forward(""))][:1] == ["drops nothing by default"]
    # Before the first bridge is made, too, it is good to know.
    assert "`bridgekit outbound` and `publish` add rules" in judged(forward("", "DROP"), bridges=())[0].advice


def test_chains_of_nftables_that_iptables_does_not_show() -> None:
    chains = of_nft(json.dumps(NFT))
    assert [(each.made_by, each.hook, each.name, each.drops) for each in chains] == [
        ("nft inet f", "forward", "fw", True),
        ("nft inet f", "input", "in", True),
    ]
    there, into, *_ = judged(*chains)
    assert (there.name, there.found) == ("FORWARD, nft inet f", "policy DROP; no rule accepts br0")
    assert "nft insert rule inet f fw iifname br0 accept; nft insert rule inet f fw oifname br0 accept" in there.advice
    assert (into.name, into.breaks.kinds) == ("INPUT, nft inet f", (INPUT,))
    assert "nft insert rule inet f in iifname br0 accept" in into.advice
    accepting = {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "br0"}
    rule = {"family": "inet", "table": "f", "chain": "fw", "expr": [{"match": accepting}, {"accept": None}]}
    assert judged(of_nft(json.dumps({"nftables": [*NFT["nftables"], {"rule": rule}]}))[0])[0].sign == OK


@pytest.mark.parametrize("said", ["", "[]x", "{}"])
def test_what_nft_does_not_say(said: str) -> None:
    assert of_nft(said) == []


def test_ports_that_podman_publishes_where_docker_was() -> None:
    rules = (
        "-A FORWARD -j NETAVARK_FORWARD\n"
        "-A NETAVARK_FORWARD -d 10.88.0.0/16 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
        "-A NETAVARK_FORWARD -s 10.88.0.0/16 -j ACCEPT\n"
    )
    assert noted(rules, "DROP") == ["podman0"]
    (_, _, found) = judged(*of_iptables("iptables", f"{HEAD.format('DROP')}{rules}COMMIT\n"), bridges=(PODMAN,))
    assert found.advice.endswith("iptables -I FORWARD -o podman0 -m conntrack --ctstate DNAT -j ACCEPT")
    assert noted(f"-A FORWARD -o podman0 -m conntrack --ctstate DNAT -j ACCEPT\n{rules}", "DROP") == []
    assert noted(rules, "ACCEPT") == []


def noted(rules: str, policy: str) -> list[str]:
    """The names of the notes about podman's bridge and a saved filter."""
    chains = of_iptables("iptables", f"{HEAD.format(policy)}{rules}COMMIT\n")
    return [each.name for each in judged(*chains, bridges=(PODMAN,)) if each.sign == NOTE]


def test_what_only_the_older_ebtables_shows_is_named() -> None:
    """Where it drops: nothing else shows it."""
    seen = Seen(Place("host", Space(1), (BR0,)), (), {})
    drops = Entry("filter", "-A", "FORWARD", "-i veth1 -j DROP")
    (found,) = (each for each in filters(Firewalls((), True, ethernet=(drops,)), seen, False) if "eb" in each.name)
    assert (found.name, found.found) == ("ebtables-legacy", "drops: -t filter -A FORWARD -i veth1 -j DROP")
    assert "`ebtables-legacy -t filter -L`" in found.advice
    passes = Entry("filter", "-A", "FORWARD", "-i veth1 -j ACCEPT")
    assert not [each for each in filters(Firewalls((), True, ethernet=(passes,)), seen, False) if "eb" in each.name]


def test_both_variants_and_nft_are_asked(fp: FakeProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "legacy_tables", lambda _, version: ("filter",) if version == 4 else ())
    monkeypatch.setattr(asked, "present", lambda _: False)
    for program in ("iptables", "ip6tables"):
        fp.register([program, "-V"], stdout=f"{program} v1.8.9 (nf_tables)\n")
    fp.register(["iptables-save"], stdout="")
    fp.register(["ip6tables-save"], returncode=1)
    clamp = "*mangle\n-A FORWARD -o em1 -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu\nCOMMIT\n"
    fp.register(["iptables-legacy-save"], stdout=f"{HEAD.format('DROP')}COMMIT\n{clamp}")
    found = firewalls()
    assert {(each.made_by, each.hook, each.policy) for each in found.chains} == {
        ("iptables", "forward", "ACCEPT"),
        ("iptables", "input", "ACCEPT"),
        ("iptables-legacy", "forward", "DROP"),
        ("iptables-legacy", "input", "ACCEPT"),
    }
    assert (found.nft, found.clamped) == (False, {"em1"})
    names = {each.name: each for each in judged(*found.chains, nft=False)}
    assert names["nftables"].advice.endswith("apt-get install nftables")
    # Without the right to see them.
    assert {each.found for each in judged()[:2]} == {"not known"}
