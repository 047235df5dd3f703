"""HTTP on port 80 and HTTPS on 443, by the standard library's http.server: each client is told where it came from.

web.py [NAME]
"""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from ssl import SSLContext

from lines import FAMILY, SECONDS, address, certificate, name


class Page(BaseHTTPRequestHandler):
    timeout = SECONDS

    def do_GET(self) -> None:
        body = f"{name()}: you come from {address(self.client_address)}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class Server(ThreadingHTTPServer):
    address_family = FAMILY

    def server_bind(self) -> None:
        """Without the library's question for its own name, which a resolver that is far away may leave waiting."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = name(), self.server_address[1]


def served(port: int, context: SSLContext | None = None) -> threading.Thread:
    server = Server(("", port), Page)
    if context:
        # The handshake is the client's thread's: one who says nothing must not keep others waiting.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    return thread


for thread in (served(80), served(443, certificate(name()))):
    thread.join()
