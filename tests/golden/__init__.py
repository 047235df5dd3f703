"""What bridgekit writes, byte for byte.  `python -m tests.golden` writes the files anew; read the diff."""

from __future__ import annotations

import io
import os
import shlex
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest import mock

HERE = Path(__file__).resolve().parent
EXAMPLES_HERE = HERE.parents[1] / "scripts/examples"

_ATTACH = "attach web 10.0.0.2/24 --gateway 10.0.0.1"
_V6 = "attach netns:red 2001:db8::2/64 --gateway 2001:db8::1"

GOLDEN = {
    "bridge.modern.script.en.sh": "bridge br666 --address 10.0.0.1/24 -n",
    "bridge.document.plain.zh.sh": "bridge br666 --address 10.0.0.1/24 -n --dialect document --style plain --lang zh",
    "attach.modern.script.en.sh": f"{_ATTACH} -n",
    "attach.document.script.en.sh": f"{_ATTACH} -n --dialect document",
    "attach.document.plain.en.sh": f"{_ATTACH} -n --dialect document --style plain",
    "attach-podman.modern.script.zh.sh": "attach podman:web 10.0.0.3/24 -n --lang zh",
    "attach-pid-symlink-mac-mtu.modern.script.en.sh": (
        "attach pid:4242 10.0.0.2/24 --handle symlink --netns blue --mac 02:42:0a:00:00:02 --mtu 1400 -n"
    ),
    "attach-netns-ipv6.modern.script.en.sh": f"{_V6} -n",
    "attach-netns-ipv6.document.plain.en.sh": f"{_V6} -n --dialect document --style plain",
    "attach-queue.modern.plain.en.sh": "attach web 10.0.0.2/24 --txqueuelen 500 -n --style plain",
    "macvlan.modern.script.en.sh": "macvlan web 192.168.1.20/24 --parent eth0 --gateway 192.168.1.1 -n",
    "macvlan.document.plain.zh.sh": (
        "macvlan netns:red fd00::2/64 --parent eth0 --mode vepa -n --dialect document --style plain --lang zh"
    ),
    "dhcp.modern.script.en.sh": "dhcp web --client dhclient --hostname app --option '-s 10.0.0.1' -n",
    "dhcp.modern.plain.zh.sh": "dhcp netns:red --interface eth0 -n --style plain --lang zh",
    "route.modern.script.en.sh": "route web replace default via 10.0.0.1 dev eth1 -n",
    "tc.modern.plain.en.sh": "tc web qdisc add dev eth1 root netem delay 50ms loss 1% -n --style plain",
    "outbound.modern.script.en.sh": "outbound 10.0.0.0/24 -n",
    "outbound.document.script.zh.sh": "outbound 10.0.0.0/24 -n --dialect document --lang zh",
    "outbound-uplink.document.plain.en.sh": "outbound 10.0.0.0/24 --uplink em1 -n --dialect document --style plain",
    "outbound-ipv6.modern.script.en.sh": "outbound 2001:db8::/64 --name six -n",
    "vrf.modern.script.en.sh": "vrf data eth1 192.168.1.2/24 --gateway 192.168.1.1 -n",
    "vrf.document.plain.zh.sh": (
        "vrf data eth1 192.168.1.2/24 --gateway 192.168.1.1 -n --dialect document --style plain --lang zh"
    ),
    "leak.modern.script.zh.sh": "leak data management 10.9.0.0/24 -n --lang zh",
    "leak-ipv6.document.plain.en.sh": "leak data management fd00:9::/64 -n --dialect document --style plain",
    "learn-vrf.document.plain.zh.sh": "learn vrf -n --dialect document --style plain --lang zh",
    "learn-vm-bridge.modern.script.en.sh": "learn vm-bridge -n",
    "vm.modern.script.en.sh": "vm tap0 -n",
    "vm.document.plain.zh.sh": "vm tap0 --nic eth0 -n --dialect document --style plain --lang zh",
    "docker-by-hand.modern.script.en.sh": "learn docker-by-hand -n",
    "docker-by-hand.document.script.zh.sh": "learn docker-by-hand -n --dialect document --lang zh",
    "docker-by-hand.document.plain.en.sh": "learn docker-by-hand -n --dialect document --style plain",
    "docker-by-hand.modern.plain-without-probes.en.sh": "learn docker-by-hand -n --style plain --no-probes",
    "mesh.modern.script.en.sh": "mesh br0 10.0.0.0/24 web --count 1 -n",
    "mesh.document.plain.zh.sh": "mesh br0 10.0.0.0/24 web --count 2 -n --style plain --dialect document --lang zh",
    "p2p.modern.script.en.sh": "p2p web 10.1.1.1 db 10.1.1.2 -n",
    "p2p-host-ipv6.document.plain.en.sh": "p2p web fd00::1 host fd00::2 -n --style plain --dialect document",
    "forwarding.modern.script.en.sh": "forwarding on -n",
    "forwarding.document.script.zh.sh": "forwarding off -n --dialect document --lang zh",
    "dns.modern.script.en.sh": "dns web --hostname app --dns 203.0.113.2 --search example.test --host db:10.0.0.3 -n",
    "dns.document.plain.zh.sh": (
        "dns podman:web --hostname app --dns 9.9.9.9 -n --style plain --dialect document --lang zh"
    ),
    "dns-netns.modern.plain.en.sh": "dns netns:red --host db:10.0.0.3 --host db:fd00::3 -n --style plain",
    "cleanup.modern.script.en.sh": "cleanup -n",
    "docker0.modern.script.en.sh": "docker0 -n",
    "docker0-options.document.plain.zh.sh": (
        "docker0 --bip 10.7.0.1/24 --icc false --userland-proxy false -n --dialect document --style plain --lang zh"
    ),
    "docker0-2014.modern.plain.en.sh": "docker0 --layout 2014 --icc false --style plain -n",
    "wire.modern.script.en.sh": "wire web --publish 8080:80 --link db:database:5432 --made-by 'docker0 --icc false' -n",
    "wire-2014.modern.plain.en.sh": "wire web -P --expose 80 --made-by 'docker0 --layout 2014' -n --style plain",
    "wire-network.document.plain.zh.sh": (
        "wire podman:web --network blue -p 127.0.0.1::80/udp -h web.test -n --dialect document --style plain --lang zh"
    ),
    "wire-container.modern.plain.en.sh": "wire web --network container:db -n --style plain",
    "publish.modern.script.zh.sh": "publish netns:red 8080:80 -n --lang zh",
    "link.modern.plain.en.sh": "link web db --port 80 --port 53/udp -n --style plain",
    "install.modern.script.en.sh": "install --distro debian -n",
    "install.document.plain.en.sh": "install --distro ubuntu --upgrade -n --style plain --dialect document",
    "install-alpine.modern.script.zh.sh": "install --distro alpine --no-docker -n --lang zh",
    "four-steps.document.plain.en.sh": "learn four-steps -n --dialect document --style plain",
    "point-to-point.document.plain.en.sh": "learn point-to-point -n --dialect document --style plain",
    "dns-files.document.plain.en.sh": "learn dns-files -n --dialect document --style plain",
    "own-bridge.modern.script.en.sh": "own-bridge bridge0 192.168.5.1/24 -n",
    "own-bridge.document.plain.en.sh": "own-bridge bridge0 192.168.5.1/24 -n --dialect document --style plain",
    "docker0.document.plain.zh.sh": "learn docker0 -n --dialect document --style plain --lang zh",
    "veth-peers.document.plain.en.sh": "learn veth-peers -n --dialect document --style plain",
    "masquerade.document.plain.en.sh": "learn masquerade -n --dialect document --style plain",
    "publish-ports.document.plain.en.sh": "learn publish-ports -n --dialect document --style plain",
    "icc-and-links.document.plain.zh.sh": "learn icc-and-links -n --dialect document --style plain --lang zh",
    "customise-docker0.document.plain.en.sh": "learn customise-docker0 -n --dialect document --style plain",
    "isolation.document.plain.zh.sh": "learn isolation -n --dialect document --style plain --lang zh",
    "options.modern.plain.en.sh": "learn options -n --style plain",
    "bridge.json": "bridge br666 --address 10.0.0.1/24 --json",
    "attach.json": f"{_ATTACH} --json",
    "outbound.json": "outbound 10.0.0.0/24 --json",
}
EXAMPLES = {
    "attach.sh": f"{_ATTACH} -n",
    "outbound.sh": "outbound 10.0.0.0/24 -n",
    "bridge.sh": "bridge br666 --address 10.0.0.1/24 -n",
    "docker-by-hand.sh": "learn docker-by-hand -n",
    "docker-by-hand.document.plain.sh": "learn docker-by-hand -n --dialect document --style plain",
}


class Answer(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


def answer(*argv: str, locale: str = "C") -> Answer:
    """What `bridgekit ARGV` gives, in this process."""
    from bridgekit.cli import main

    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["bridgekit", *argv]),
        mock.patch.dict(os.environ, {"LC_ALL": locale}),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
    return Answer(code, out.getvalue(), err.getvalue())


def rendered(command: str) -> str:
    """What a command line of the tables above prints; it must say nothing else."""
    code, out, err = answer(*shlex.split(command))
    assert (code, err) == (0, ""), (command, code, err)
    return out


def write() -> None:
    """Write every golden file and every example."""
    for folder, table in ((HERE, GOLDEN), (EXAMPLES_HERE, EXAMPLES)):
        folder.mkdir(parents=True, exist_ok=True)
        for name, command in table.items():
            path = folder / name
            path.write_text(rendered(command), "utf-8")
            if folder == EXAMPLES_HERE:
                path.chmod(0o755)
