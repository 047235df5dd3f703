"""The world outside a throw-away host: an HTTP server that tells each client the address it came from."""

import socket
import threading


def serve(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((address, 80))
        server.listen()
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


if socket.has_ipv6:
    threading.Thread(target=serve, args=(socket.AF_INET6, "2001:db8:113::2"), daemon=True).start()
serve(socket.AF_INET, "203.0.113.2")
