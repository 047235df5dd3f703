"""What listens at 127.0.0.1 on the host, and what is published there, is the host's alone."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.kernel import measure
from tests.kernel.cases import DIALECTS
from tests.kernel.test_doctor import doctor
from tests.kernel.world import in_throwaway_host, shell

in_a_host = in_throwaway_host("netns:red", "netns:web")
SECRET = "the host's own"
SERVER = f"""
from http.server import BaseHTTPRequestHandler, HTTPServer
class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write({SECRET!r}.encode())
    def log_message(self, *_): pass
HTTPServer(ADDRESS, Page).serve_forever()
"""
ATTACHED = "; ".join(
    f"bridgekit attach netns:{name} 10.0.0.{number}/24 --gateway 10.0.0.1 --yes"
    for number, name in enumerate(("web", "red"), 2)
)
# A neighbour who sends to 127.0.0.1 by way of the host, as no honest one does.
BY_WAY_OF = (
    "ip -n {0} addr flush dev lo; ip netns exec {0} sysctl -qw net.ipv4.conf.eth0.route_localnet=1; "
    "ip -n {0} route add 127.0.0.0/8 via {1} dev eth0"
)


@contextmanager
def served(address: str, port: int, netns: str = "") -> Iterator[None]:
    """A web server with a page."""
    into = ("ip", "netns", "exec", netns) if netns else ()
    program = SERVER.replace("ADDRESS", repr((address, port)))
    with subprocess.Popen((*into, sys.executable, "-c", program)) as server:
        end = time.monotonic() + 20
        while not shell(f"{' '.join(into)} ss -Hltn 'sport = :{port}'").stdout:
            assert time.monotonic() < end, "the server never listened"
            time.sleep(0.02)
        try:
            yield
        finally:
            server.terminate()


def page(asker: str, url: str) -> str:
    """What a web server answers to a namespace, or to the host; empty if it is not reached."""
    place = f"ip netns exec {asker} " if asker else ""
    return shell(f"{place}timeout 1 wget -q -O - http://{url}/", check=False).stdout


@pytest.mark.parametrize("dialect", DIALECTS)
@in_a_host
def test_a_guest_does_not_reach_what_listens_on_the_hosts_localhost(dialect: str) -> None:
    shell(ATTACHED)
    shell(BY_WAY_OF.format("red", "10.0.0.1"))
    before = measure.state()
    with served("127.0.0.1", 9000), served("0.0.0.0", 80, "web"):
        assert page("", "127.0.0.1:9000") == SECRET
        shell("iptables -I INPUT -i br666 -j ACCEPT")  # a rule of the user's, which comes first
        shell(f"bridgekit publish netns:web 8080:80 --yes --dialect {dialect}")
        assert page("red", "127.0.0.1:9000") == ""
        assert page("", "127.0.0.1:8080") == page("red", "10.0.0.1:8080") == SECRET
        # What was translated passes: the way that a name server on localhost is offered to guests by.
        shell("iptables -t nat -A PREROUTING -i br666 -p tcp --dport 53 -j DNAT --to-destination 127.0.0.1:9000")
        assert page("red", "10.0.0.1:53") == SECRET
        assert doctor()["route_localnet"]["sign"] == "ok"
        shell("iptables -t raw -F PREROUTING")
        assert page("red", "127.0.0.1:9000") == SECRET, "the trial itself asks as it should"
        assert "br666" in doctor()["route_localnet"]["found"]
        assert "iptables -t raw -I PREROUTING -i br666 -d 127.0.0.0/8 -j DROP" in doctor()["route_localnet"]["advice"]
    shell(
        "iptables -D INPUT -i br666 -j ACCEPT; iptables -t nat -F PREROUTING; bridgekit undo publish-netns-web-8080-80"
    )
    measure.same(before, measure.state())


@pytest.mark.parametrize("dialect", DIALECTS)
@in_a_host
def test_what_is_published_at_localhost_is_reached_from_there_alone(dialect: str) -> None:
    shell(ATTACHED)
    shell(BY_WAY_OF.format("outside", "203.0.113.1"))
    shell("ip -n outside route add 10.0.0.0/24 via 203.0.113.1")
    with served("0.0.0.0", 80, "web"):
        shell(f"bridgekit publish netns:web 127.0.0.1:8080:80 --yes --dialect {dialect}")
        assert page("", "127.0.0.1:8080") == SECRET
        assert page("outside", "127.0.0.1:8080") == page("outside", "10.0.0.2") == ""
        assert shell("sysctl -n net.ipv4.ip_forward").stdout == "0\n"
        shell("iptables -t nat -A PREROUTING -d 127.0.0.1 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80")
        shell("sysctl -qw net.ipv4.ip_forward=1")
        assert page("outside", "127.0.0.1:8080") == SECRET, "the trial itself asks as it should"


@in_a_host
def test_127_stays_closed_where_no_port_needs_it() -> None:
    shell(ATTACHED)
    shell("bridgekit publish netns:web 203.0.113.1:8080:80 --yes")
    assert shell("sysctl -n net.ipv4.conf.br666.route_localnet").stdout == "0\n"
    with served("0.0.0.0", 80, "web"):
        assert page("", "203.0.113.1:8080") == page("outside", "203.0.113.1:8080") == SECRET


@in_a_host
def test_doctor_names_the_link_where_an_engines_network_opens_it() -> None:
    assert doctor()["route_localnet"]["sign"] == "ok"
    shell("bridgekit docker0 --userland-proxy false --yes")
    found = doctor()["route_localnet"]
    assert found["sign"] == "note"
    assert "docker0" in found["found"]
