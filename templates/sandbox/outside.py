"""An HTTP server that tells each client the address it came from: the world outside a throw-away host, and its httpd.

outside.py [PORT...]    default: 80

It prints a line when it listens, on every address that its network has or will have.
"""

import contextlib
import socket
import sys
import threading


def listening(family: socket.AddressFamily, port: int) -> socket.socket:
    """A socket that takes connections to a port.  Raises OSError."""
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", port))
    server.listen()
    return server


def serve(server: socket.socket) -> None:
    """Answer every client of a socket, one after the other."""
    while True:
        client, peer = server.accept()
        with client:
            client.settimeout(2)
            try:
                client.recv(4096)
                body = f"you come from {peer[0]}\n"
                head = f"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n\r\n"
                client.sendall((head + body).encode())
            except OSError:
                pass


def serve_beside(*ports: int) -> list[threading.Thread]:
    """Answer every client of both families, as far as the kernel has them, while the caller does something else."""
    servers = [listening(socket.AF_INET, port) for port in ports]
    with contextlib.suppress(OSError):
        servers += [listening(socket.AF_INET6, port) for port in ports]
    threads = [threading.Thread(target=serve, args=(server,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    return threads


if __name__ == "__main__":
    serving = serve_beside(*(map(int, sys.argv[1:]) if sys.argv[1:] else (80,)))
    print(flush=True)
    for thread in serving:
        thread.join()
