"""The world outside a throw-away host: an HTTP server that tells each client the address it came from.

outside.py ADDRESS...    prints a line when it listens; an IPv6 address that is not there is left out
"""

import socket
import sys
import threading


def listening(address: str) -> socket.socket:
    """A socket that takes connections to an address, port 80.  Raises OSError."""
    server = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, 80))
        server.listen()
    except OSError:
        server.close()
        raise
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


def serve_beside(server: socket.socket) -> None:
    """Answer every client of a socket, while the caller does something else."""
    threading.Thread(target=serve, args=(server,), daemon=True).start()


def main(first: str, *others: str) -> None:
    server = listening(first)
    for address in others:
        try:
            serve_beside(listening(address))
        except OSError:
            if ":" not in address:
                raise
    print(flush=True)
    serve(server)


if __name__ == "__main__":
    main(*sys.argv[1:])
