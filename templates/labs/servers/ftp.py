"""FTP (RFC 959, 2428) on port 21, to be read: the data connection that NAT has to know of, passive or active.

ftp.py [NAME]
"""

import contextlib
import socket

from lines import NOTE, SECONDS, Client, forever, name, serve

FILES = {"motd": f"This is {name()}.\r\n".encode(), "numbers": b"".join(b"%d\r\n" % each for each in range(1000))}
PLAIN = {"SYST": "215 UNIX Type: L8", "PWD": '257 "/"', "CWD": "250 ok", "TYPE": "200 ok", "NOOP": "200 ok"}
ANYBODY = {"USER": "331 any password will do", "PASS": "230 logged in", "QUIT": "221 bye"}


class Data:
    """Where the next data connection comes from or goes to."""

    def __init__(self) -> None:
        self.server: socket.socket | None = None
        self.client: tuple[str, int] | None = None

    def passive(self, client: Client) -> int:
        """Listen at the address that the client came to; the port."""
        self.close()
        self.server = socket.create_server((client.own, 0), backlog=1)
        self.server.settimeout(SECONDS)
        return int(self.server.getsockname()[1])

    def active(self, client: Client, port: int) -> None:
        """Go to the client itself and to nobody else, as RFC 2577 asks."""
        self.close()
        self.client = (client.peer, port)

    def open(self) -> socket.socket:
        """Raises OSError."""
        if self.server:
            return self.server.accept()[0]
        if self.client:
            return socket.create_connection(self.client, SECONDS)
        raise OSError

    def close(self) -> None:
        if self.server:
            self.server.close()
        self.server = self.client = None


def send(client: Client, data: Data, content: bytes) -> None:
    """Send what was asked for on a data connection of its own."""
    client.say("150 here it comes")
    try:
        with data.open() as connection:
            connection.sendall(content)
        client.say("226 that was it")
    except OSError:
        client.say("425 no data connection: PASV, EPSV, PORT or EPRT first")
    data.close()


def door(client: Client, data: Data, word: str, rest: str) -> str:
    """PASV, EPSV, PORT, EPRT.  Raises ValueError."""
    if word in ("PASV", "EPSV"):
        port = data.passive(client)
        here = ",".join((*client.own.split("."), str(port // 256), str(port % 256)))
        return f"227 passive ({here})" if word == "PASV" else f"229 passive (|||{port}|)"
    numbers = rest.strip("|").split("|") if word == "EPRT" else rest.split(",")
    low = int(numbers[-1])
    data.active(client, low if word == "EPRT" else int(numbers[-2]) * 256 + low)
    return "200 ok"


def reply(client: Client, data: Data, word: str, rest: str) -> None:
    """Answer a command of one who is logged in."""
    file = FILES.get(rest.lstrip("/"))
    if word in ("PASV", "EPSV", "PORT", "EPRT"):
        try:
            client.say(door(client, data, word, rest))
        except (ValueError, IndexError):
            client.say("501 not an address")
    elif word in ("LIST", "NLST"):
        long = [f"-r--r--r-- 1 ftp ftp {len(text)} Jan  1 00:00 {each}\r\n" for each, text in FILES.items()]
        send(client, data, "".join(long if word == "LIST" else [f"{each}\r\n" for each in FILES]).encode())
    elif word == "SIZE" and file is not None:
        client.say(f"213 {len(file)}")
    elif word == "RETR" and file is not None:
        send(client, data, file)
    elif word in ("RETR", "SIZE"):
        client.say("550 no such file")
    else:
        client.say(PLAIN.get(word, "502 not known here"))


def talk(client: Client) -> None:
    client.say(f"220 {name()} {NOTE}")
    inside, data = False, Data()
    with contextlib.closing(data):
        for word, rest in client.commands():
            if word in ANYBODY:
                client.say(ANYBODY[word])
                inside = inside or word == "PASS"
                if word == "QUIT":
                    return
            elif inside:
                reply(client, data, word, rest)
            else:
                client.say("530 USER and PASS first")


serve(21, talk)
forever()
