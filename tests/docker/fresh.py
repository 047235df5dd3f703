"""Networks of their own beside the engine's host: what a second engine leaves in one, and what our scripts leave."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.docker.engine import Engine

# A fresh network in which either can work: an uplink with the default route, and what the case wants beforehand.
_FRESH = r"""
set -euo pipefail
sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
ip link set lo up
ip link add em1 type veth peer name far
ip addr add 203.0.113.1/24 dev em1
ip link set em1 up; ip link set far up
ip route add default via 203.0.113.2
"""
# All of the host that is compared, as text.  Left out: counters, and of the bridges the random part of the MAC and
# the length of a queue that they have not; the names of veth devices become those of their containers (`named`, below).
HOST = r"""
[ -z "$names" ] || look
{
  for program in iptables ip6tables; do
    echo "# $program"
    "$program-save" | sed -E 's/\[[0-9]+:[0-9]+\]//; /^#/d'
  done
  for bridge in $(ip -o link show type bridge | cut -d: -f2); do
    ip -o link show dev "$bridge" | sed -E 's/^[0-9]+: ([^:]*):.* mtu ([0-9]+) .*/link \1 mtu \2/'
    ip -o link show dev "$bridge" | grep -o '<.*UP.*>' | grep -o '\<UP\>' || echo down
    ip -o -4 addr show dev "$bridge" | sed -E 's/.* inet ([^ ]*) (brd [^ ]*)?.*/address \1 \2/'
    ip -4 route show dev "$bridge" | sed -E 's/ linkdown//; s/ +$//'
  done
  ip -d -j link show type bridge | jq -c '.[] | [.ifname, (.address | startswith("02:42"))] + [.linkinfo.info_data
    | .stp_state, .forward_delay, .vlan_filtering, .mcast_snooping, .nf_call_iptables, .nf_call_ip6tables]'
  ip -j link show type veth | jq -c '.[] | [.ifname, .mtu, .txqlen, .operstate]' | named | sort
  bridge -d -j link | jq -c '.[] | [.ifname, .master, .mtu, {hairpin, guard, learning, flood, isolated}]' | named | sort
  sysctl -a 2>/dev/null | grep -E '^net\.(ipv[46]\.(conf|ip_forward)|bridge)' | grep -v stable_secret | named | sort
}
"""
# The containers of one engine, for the dump: $docker is its command, $names has their names.
_CONTAINERS = r"""
docker=docker
declare -A pid id port
net() { nsenter --net="/proc/$1/ns/net" "${@:2}"; }
look() {
  local name process whole index
  while read -r name process whole; do
    name=${name#/} pid[${name#/}]=$process id[${name#/}]=${whole:0:12}
    index=$(net "$process" ip -o link show dev eth0 2>/dev/null | sed -E 's/.*eth0@if([0-9]+):.*/\1/') || continue
    port[$name]=$(ip -o link | sed -nE "s/^$index: ([^@]+)@.*/\1/p")
  done < <($docker inspect -f '{{.Name}} {{.State.Pid}} {{.Id}}' $names)
}
# Random names of veth devices, and ids, become the names of their containers.
named() {
  local name words=()
  for name in "${!id[@]}"; do words+=(-e "s/${id[$name]}/$name/g"); done
  for name in "${!port[@]}"; do words+=(-e "s/\b${port[$name]}\b/veth-$name/g"); done
  sed "${words[@]}" -e ''
}
container() {
  local file
  echo "# $1"
  net "${pid[$1]}" ip -j -d link show dev eth0 2>/dev/null |
    jq -c '.[] | [.address, .mtu, .txqlen, .flags, .linkinfo, .inet6_addr_gen_mode]' || :
  net "${pid[$1]}" ip -o addr show | sed -E 's/^[0-9]+: +//'
  net "${pid[$1]}" ip route show
  net "${pid[$1]}" ip -6 route show
  net "${pid[$1]}" sysctl -a 2>/dev/null | grep -E '^net\.ipv[46]\.(conf|ip_|ping)' | grep -v stable_secret | sort
  nsenter --uts="/proc/${pid[$1]}/ns/uts" hostname
  for file in hosts resolv.conf hostname; do echo "## $file"; cat "/proc/${pid[$1]}/root/etc/$file"; done
}
"""
CONTAINERS = r"""
for name in $names; do container "$name"; done | named
"""
# An engine of its own beside the session's; it stops once all is dumped.
_SECOND = r"""
docker="docker -H unix:///run/second/sock"
dockerd --data-root /run/second/data --exec-root /run/second/exec --pidfile /run/second/pid \
  --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$(cat /run/host/engine/cgroup)" \
  --host unix:///run/second/sock {options} </dev/null >/run/second.log 2>&1 &
end() {{
  kill $(jobs -p); wait
  umount /run/second/exec/netns/*
  rm -rf /run/second
}} 2>/dev/null
trap 'end || :' EXIT
for ((i = 0; i < 1000; i++)); do $docker version >/dev/null 2>&1 && break; sleep 0.02; done
$docker version >/dev/null || {{ tail -3 /run/second.log >&2; exit 1; }}
"""
# Our containers are the session's engine's, without a network until `wire` gives them one here.
_OURS = r"""
started=()
bridgekit() { python -m bridgekit "$@" >/run/ours.log 2>&1 || { cat /run/ours.log >&2; return 1; }; }
end() {
  [ ! -e /run/bridgekit ] || python -m bridgekit undo --all
  kill $(jobs -p); wait
  docker ps -aq | xargs -r docker rm -f
  rm -rf /run/bridgekit
} &>/dev/null
trap 'end || :' EXIT
state() {
  python -c 'from bridgekit import facts; print(*facts.snapshot(), sep="\n")'
  look
  for name in $names; do container "$name"; done
}
"""
# All is taken back, in the containers too.
_UNDO = r"""
bridgekit undo --all
state | diff /run/ours.before - >&2
"""
# The same words for both, but for these.
_WORDS = {
    "--opt com.docker.network.bridge.name=": "--bridge-name ",
    "--opt com.docker.network.bridge.enable_icc=": "--icc ",
    "--opt com.docker.network.bridge.enable_ip_masquerade=": "--ip-masq ",
    "--mac-address": "--mac",
    "=": " ",
}


@dataclass(frozen=True)
class World:
    """A host's network with containers in it.

    daemon: dockerd's options.  networks: by name, the options of `docker network create`.  containers: by name, the
    options of `docker run`; where ours differ by more than a name, a pair of theirs and ours.  gone: those of them that
    are removed before `later` ones come.  before: bash lines.
    """

    daemon: str = ""
    networks: Mapping[str, str] = field(default_factory=dict)
    containers: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    later: Mapping[str, str | tuple[str, str]] = field(default_factory=dict)
    before: str = ""
    command: str = "sleep 1000"

    def theirs(self) -> str:
        """A second engine makes it."""
        lines = [second(self.daemon)]
        if self.containers:
            lines.append("docker save bb | $docker load >/dev/null")
        lines += [f"$docker network create {words} {name} >/dev/null" for name, words in self.networks.items()]
        lines += [self._their_run(name, words[0]) for name, words in pairs(self.containers)]
        lines += [f"$docker rm -f {name} >/dev/null" for name in self.gone]
        lines += [self._their_run(name, words[0]) for name, words in pairs(self.later)]
        return "\n".join(lines)

    def _their_run(self, name: str, options: str) -> str:
        return f"$docker run -d --name {name} {options} bb {self.command} >/dev/null"

    def ours(self) -> str:
        """Our scripts make it, for containers that have no network."""
        lines = [_OURS]
        shares = {name: words[0] for name, words in pairs(self.containers) if " container:" in words[0]}
        for name in (*self.containers, *self.later):
            if name not in shares:
                lines.append(f"docker run -d --net=none --name {name} bb {self.command} >/dev/null & started+=($!)")
        lines.append('wait "${started[@]}"')
        lines += [f"docker run -d {words} --name {name} bb {self.command} >/dev/null" for name, words in shares.items()]
        lines += ["state >/run/ours.before", f"bridgekit docker0 --yes {ours(self.daemon)}"]
        proxy = " ".join(word for word in self.daemon.split() if word.startswith("--userland-proxy"))
        lines += [f"bridgekit network --yes {name} {ours(f'{words} {proxy}')}" for name, words in self.networks.items()]
        lines += [f"bridgekit wire --yes {name} {words[1]}" for name, words in pairs(self.containers)]
        lines += [f"bridgekit undo wire-{name}-bridge; docker rm -f {name} >/dev/null" for name in self.gone]
        lines += [f"bridgekit wire --yes {name} {words[1]}" for name, words in pairs(self.later)]
        return "\n".join(lines)

    def names(self) -> list[str]:
        """The containers that are there in the end."""
        return [name for name in (*self.containers, *self.later) if name not in self.gone]


def pairs(containers: Mapping[str, str | tuple[str, str]]) -> list[tuple[str, tuple[str, str]]]:
    """Containers with their options, the engine's and ours."""
    return [(name, (words, ours(words)) if isinstance(words, str) else words) for name, words in containers.items()]


def ours(words: str) -> str:
    """Our words for theirs."""
    for theirs, own in _WORDS.items():
        words = words.replace(theirs, own)
    return words


def second(options: str) -> str:
    """Bash lines that start an engine of its own in a fresh network."""
    return _SECOND.format(options=options)


def made(engine: Engine, world: World, make: str, dump: str) -> str:
    """What is there after `make` in a fresh network."""
    names = f"names={shlex.quote(' '.join(world.names()))}"
    script = "\n".join((_FRESH, world.before, _CONTAINERS, names, make, dump))
    return engine.print(f"unshare --net bash -c {shlex.quote(script)}")


def both(engine: Engine, world: World, dump: str) -> tuple[str, str]:
    """What is there in a world of a second engine's, and in the same of ours, made at the same time."""
    with ThreadPoolExecutor(2) as pool:
        theirs = pool.submit(made, engine, world, world.theirs(), dump)
        own = pool.submit(made, engine, world, world.ours(), f"{dump}\n{_UNDO}")
        return theirs.result(), own.result()
