"""What the servers of a lab share: a port, a thread for each client, lines of text, a certificate made on the spot.

They are for teaching: they speak enough of their protocol for a real client, keep all in memory, ask for no password
that matters, and give nobody a shell.
"""

import contextlib
import socket
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator

NOTE = "a teaching server of bridgekit's labs: nothing is kept, nobody is checked"
FAMILY = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET  # with IPv4's clients, too
SECONDS, LINE = 60, 1000  # how long a client may be silent; RFC 5321, 4.5.3.1.6


class Client:
    """A client and its lines, which end in CRLF."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.peer, self.own = address(connection.getpeername()), address(connection.getsockname())
        self._in = connection.makefile("rb")

    def say(self, *lines: str | bytes) -> None:
        """Send lines."""
        each = [line if isinstance(line, bytes) else line.encode() for line in lines]
        self.connection.sendall(b"".join(line + b"\r\n" for line in each))

    def hear(self) -> bytes:
        """The next line without its end.  Raises EOFError where there is none, or it is too long."""
        line = self._in.readline(LINE + 1)
        if not line.endswith(b"\n"):
            raise EOFError
        return line.rstrip(b"\r\n")

    def commands(self) -> Iterator[tuple[str, str]]:
        """Each line as its first word, in capitals, and the rest."""
        with contextlib.suppress(EOFError):
            while True:
                word, _, rest = self.hear().decode(errors="replace").partition(" ")
                yield word.upper(), rest.strip()


def address(end: tuple[str, int]) -> str:
    """The address of an end, an IPv4 one as it is written."""
    return end[0].removeprefix("::ffff:")


Talk = Callable[[Client], None]


class _Server(socketserver.ThreadingTCPServer):
    address_family = FAMILY
    allow_reuse_address, daemon_threads, request_queue_size = True, True, 64


def serve(port: int, talk: Talk, context: ssl.SSLContext | None = None) -> None:
    """Talk with each client of a port, over TLS with a context, while the caller goes on.  Raises OSError."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.settimeout(SECONDS)
            with contextlib.suppress(OSError):  # who goes away without a word
                talk(Client(context.wrap_socket(self.request, server_side=True) if context else self.request))

    threading.Thread(target=_Server(("", port), Handler).serve_forever, daemon=True).start()


def certificate(name: str) -> ssl.SSLContext:
    """A context with a certificate that is signed by itself, valid for a day.  Raises OSError, CalledProcessError."""
    with tempfile.TemporaryDirectory() as folder:
        key, own = f"{folder}/key", f"{folder}/certificate"
        made = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        of = ("-days", "1", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}")
        subprocess.run([*made, *of, "-keyout", key, "-out", own], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(own, key)
    return context


def name() -> str:
    """The name that it goes by: the first argument, or the host's."""
    return sys.argv[1] if sys.argv[1:] else socket.gethostname()


def forever() -> None:
    """Let the threads serve until a signal ends the process."""
    threading.Event().wait()
