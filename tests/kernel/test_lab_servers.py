"""The servers of the shipped labs, each asked by a real client, in one throw-away host."""

from __future__ import annotations

import contextlib
import ftplib
import imaplib
import io
import poplib
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from bridgekit.explain import TEMPLATES
from tests.kernel.world import in_throwaway_host, shell

SERVERS = TEMPLATES / "labs" / "servers"
HERE, NAME, SECONDS = "127.0.0.1", "www.example.com", 10
PORTS = {"web": (80, 443), "mail": (25, 110, 143, 993, 995), "ftp": (21,), "telnet": (23,), "ssh": (22,)}
LETTER = b"Subject: hello\r\n\r\n.a dot first\r\n"
ANYBODYS = ssl._create_unverified_context()


def once_started(server: str) -> None:
    """Start a server that is not there yet, and wait until it listens; the host's end is its end."""
    if not _listens(PORTS[server][0]):
        subprocess.Popen([sys.executable, "-E", "-s", "-S", "-B", SERVERS / f"{server}.py", NAME])
    deadline = time.monotonic() + SECONDS
    while not all(map(_listens, PORTS[server])):
        assert time.monotonic() < deadline, f"{server} does not listen"
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((HERE, port), SECONDS):
        return True
    return False


def web() -> None:
    for scheme in ("http", "https"):
        with urllib.request.urlopen(f"{scheme}://{HERE}/", timeout=SECONDS, context=ANYBODYS) as page:
            assert page.read() == b"www.example.com: you come from 127.0.0.1\n"
    with socket.create_connection((HERE, 443)):  # who says nothing keeps nobody waiting
        urllib.request.urlopen(f"https://{HERE}/", timeout=2, context=ANYBODYS).close()
    certificate = ssl.get_server_certificate((HERE, 443))
    named = ["openssl", "x509", "-noout", "-ext", "subjectAltName"]
    assert f"DNS:{NAME}" in subprocess.run(named, input=certificate, text=True, capture_output=True, check=True).stdout


def sent(to: str, letter: bytes = LETTER) -> None:
    with smtplib.SMTP(HERE, timeout=SECONDS) as client:
        client.sendmail("ann@example.com", [f"{to}@{NAME}"], letter)


def smtp() -> None:
    sent("smtp")
    with smtplib.SMTP(HERE, timeout=SECONDS) as client:
        assert client.docmd("DATA")[0] == 503
        assert client.docmd("RCPT", "TO:<bob>")[0] == 503
        assert client.docmd("MAIL", "FROM ann")[0] == 501
        assert client.docmd("VRFY", "bob")[0] == 500
        with pytest.raises(smtplib.SMTPDataError, match="552"):
            client.sendmail("ann@example.com", "bob@example.com", b"a line\r\n" * (1 << 18))
        client.sendmail("ann@example.com", "bob@example.com", LETTER)  # after which it goes on


def pop3() -> None:
    sent("pop")
    for kind in (poplib.POP3, poplib.POP3_SSL):
        client = kind(HERE, timeout=SECONDS, **({"context": ANYBODYS} if kind is poplib.POP3_SSL else {}))
        with pytest.raises(poplib.error_proto):
            client.stat()
        client.user("pop")
        client.pass_("any")
        assert client.stat()[0] == 1
        assert client.retr(1)[1] == [b"Received: from 127.0.0.1 by www.example.com", *LETTER.splitlines()]
        with pytest.raises(poplib.error_proto):
            client.retr(2)
        client.dele(1)
        client.rset() if kind is poplib.POP3 else None
        client.quit()
    client = poplib.POP3(HERE, timeout=SECONDS)
    client.user("pop")
    assert client.pass_("any") == b"+OK 0 messages"


def imap() -> None:
    sent("imap")
    for client in (imaplib.IMAP4(HERE, timeout=SECONDS), imaplib.IMAP4_SSL(HERE, ssl_context=ANYBODYS)):
        with pytest.raises(imaplib.IMAP4.error):
            client._simple_command("STATUS", "INBOX", "(MESSAGES)")  # before LOGIN
        client.login("imap", "a pass word")
        assert client.select() == ("OK", [b"1"])
        assert client.search(None, "ALL") == ("OK", [b"1"])
        for answer in (client.fetch("1:*", "(RFC822)")[1], client.uid("FETCH", "1", "(BODY.PEEK[])")[1]):
            assert answer[0][1].endswith(LETTER)
        assert client.fetch("7", "(FLAGS)") == ("OK", [None])
        client.logout()


def ftp() -> None:
    with ftplib.FTP(HERE, timeout=SECONDS) as client:
        with pytest.raises(ftplib.error_perm, match="530"):
            client.nlst()
        client.login()
        got = io.BytesIO()
        client.retrbinary("RETR motd", got.write)
        assert got.getvalue() == b"This is www.example.com.\r\n"
        assert client.nlst() == ["motd", "numbers"]
        assert client.size("motd") == len(got.getvalue())
        with pytest.raises(ftplib.error_perm, match="550"):
            client.size("shadow")
        with pytest.raises(ftplib.error_perm, match="502"):
            client.sendcmd("STOR x")
        with pytest.raises(ftplib.error_temp, match="425"):
            client.sendcmd("RETR motd")
    assert shell(f"wget -q -O - ftp://{HERE}/motd").stdout.strip() == "This is www.example.com."


def telnet() -> None:
    with socket.create_connection((HERE, 23), SECONDS) as client, client.makefile("rwb") as wire:
        assert b"nobody is checked" in wire.readline()
        wire.write(b"\xff\xfb\x18ann\r\nsecret\r\nwho\r\nid; ls\r\nexit\r\n")  # an option first, which it leaves out
        wire.flush()
        said = wire.read().decode()
    assert "ann from 127.0.0.1 at 127.0.0.1" in said
    assert said.endswith("`who` or `exit`\r\nbye\r\n")


def ssh() -> None:
    secret = Path("/run/secret")
    secret.write_text("x")
    asked = shell(f"dbclient -y -y -T lab@{HERE} 'rm {secret}' </dev/null")
    assert asked.stdout == shell("ip -br -4 addr").stdout
    assert secret.exists()
    assert shell(f"timeout 5 dbclient -y -y -T root@{HERE} true </dev/null", check=False).returncode not in (0, 124)


TALKS: dict[str, tuple[str, Callable[[], None]]] = {
    "web": ("web", web),
    "smtp": ("mail", smtp),
    "pop3": ("mail", pop3),
    "imap": ("mail", imap),
    "ftp": ("ftp", ftp),
    "telnet": ("telnet", telnet),
    "ssh": ("ssh", ssh),
}


@in_throwaway_host(again=lambda **_: True)
def talk(protocol: str) -> None:
    server, ask = TALKS[protocol]
    once_started(server)
    ask()


@pytest.mark.kernel
@pytest.mark.parametrize("protocol", TALKS)
def test_a_real_client_gets_what_the_protocol_promises(protocol: str) -> None:
    talk(protocol=protocol)
