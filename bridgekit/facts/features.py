"""What this kernel can do, found out without changing this host.

Each kind of link is made in a throw-away namespace.  Making one can make the kernel load a module, for the whole
machine; so where that would happen it is not tried, and the module's file is the answer.  br_netfilter is never
tried: once loaded it makes every bridge of the machine ask iptables.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bridgekit.facts.ask import ask, reply
from bridgekit.translation import tr

MODULES = Path("/lib/modules")
LOADED = Path("/sys/module")
_SECONDS = 30
_PARENT = "p0"
# A name, the modules it needs, the command that tries it.
_TRIALS = (
    ("bridge", ("bridge",), "ip link add t0 type bridge"),
    ("veth", ("veth",), "ip link add t1 type veth peer name t2"),
    ("nat", ("nf_nat", "xt_MASQUERADE"), "iptables -w -t nat -A POSTROUTING -j MASQUERADE"),
    ("nat IPv6", ("nf_nat", "xt_MASQUERADE"), "ip6tables -w -t nat -A POSTROUTING -j MASQUERADE"),
    ("br_netfilter", ("br_netfilter",), "test -e /proc/sys/net/bridge/bridge-nf-call-iptables"),
    ("tun", ("tun",), "ip tuntap add dev t3 mode tap"),
    ("macvlan", ("macvlan",), f"ip link add t4 link {_PARENT} type macvlan"),
    ("ipvlan", ("ipvlan",), f"ip link add t5 link {_PARENT} type ipvlan"),
    ("802.1Q VLAN", ("8021q",), f"ip link add t6 link {_PARENT} type vlan id 5"),
    ("vxlan", ("vxlan",), f"ip link add t7 type vxlan id 5 dstport 4789 dev {_PARENT}"),
    ("dummy", ("dummy",), "ip link add t8 type dummy"),
    ("VRF", ("vrf",), "ip link add t9 type vrf table 10"),
)
# A tmpfs on /run: the legacy iptables locks a file there.  The parent of others is whatever kind there is.
_SCRIPT = f"""
mount -t tmpfs tmpfs /run || exit
ip link add {_PARENT} type bridge 2>/dev/null || ip link add {_PARENT} type veth peer name p1 2>/dev/null
try() {{
  local what=$1 said
  said=$("${{@:2}}" 2>&1) && said=works || said="no ${{said%%$'\\n'*}}"
  printf '%s\\t%s\\n' "$what" "$said"
}}
echo tried
"""


@dataclass(frozen=True)
class Feature:
    """Something that a kernel can do.

    works: None if it was not tried.
    said: what the kernel or a program said, where it does not work or was not tried.
    modules: the kernel's modules that it comes with.
    """

    name: str
    works: bool | None
    said: str
    modules: tuple[str, ...]


def user_namespaces() -> bool:
    """Whether this user may make user namespaces."""
    return ask("unshare", "--user", "--map-root-user", "true") is not None


def features() -> tuple[Feature, ...] | None:
    """What this kernel can do; None if no throw-away namespace can be made to try it."""
    waiting = _waiting()
    script = _SCRIPT + "\n".join(
        f"try '{name}' {command}" for name, modules, command in _TRIALS if not waiting.intersection(modules)
    )
    user = ("--user", "--map-root-user") if user_namespaces() else ()
    done = reply("unshare", *user, "--net", "--mount", "bash", "-c", script, seconds=_SECONDS)
    answers = dict(_answers(done[1])) if done else {}
    return tuple(_features(answers, waiting)) if "tried" in answers else None


def _answers(said: str) -> Iterator[tuple[str, str]]:
    for line in said.splitlines():
        name, _, answer = line.partition("\t")
        yield name, answer


def _features(answers: Mapping[str, str], waiting: set[str]) -> Iterator[Feature]:
    for name, modules, _ in _TRIALS:
        there = ", ".join(module for module in modules if module in waiting)
        verdict, _, said = answers.get(name, "").partition(" ")
        if there:
            yield Feature(name, None, tr("module {0}, not loaded yet", there), modules)
        else:
            yield Feature(name, verdict == "works", said, modules)


def _waiting() -> set[str]:
    """The modules of the trials that are on disk and not loaded."""
    try:
        known = (MODULES / os.uname().release / "modules.dep").read_text("utf-8", "replace")
    except OSError:
        return set()
    files = (line.partition(":")[0].rpartition("/")[2] for line in known.splitlines())
    names = {file.partition(".")[0].replace("-", "_") for file in files}
    return {each for _, modules, _ in _TRIALS for each in modules if each in names and not (LOADED / each).exists()}
