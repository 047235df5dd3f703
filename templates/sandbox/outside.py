"""The world outside a throw-away host: an HTTP server that tells each client the address it came from.

It prints a line when it listens, on every address that its network has or will have.
"""

import contextlib
import socket
import threading


def listening(family: socket.AddressFamily) -> socket.socket:
    """A socket that takes connections to port 80.  Raises OSError."""
    server = socket.socket(family)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    server.bind(("", 80))
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


def serve_beside() -> list[threading.Thread]:
    """Answer every client of both families, as far as the kernel has them, while the caller does something else."""
    servers = [listening(socket.AF_INET)]
    with contextlib.suppress(OSError):
        servers.append(listening(socket.AF_INET6))
    threads = [threading.Thread(target=serve, args=(server,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    return threads


if __name__ == "__main__":
    serving = serve_beside()
    print(flush=True)
    for thread in serving:
        thread.join()
