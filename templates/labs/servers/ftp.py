"""FTP (RFC 959, 2428) on port 21, to be read by passive clients: ftp.py [NAME]."""

import socket

from lines import NOTE, SECONDS, Client, forever, name, serve

FILES = {"motd": f"This is {name()}.\r\n".encode(), "numbers": b"".join(b"%d\r\n" % each for each in range(1000))}
NAMES = "".join(f"{each}\r\n" for each in FILES).encode()
LONG = "".join(f"-r--r--r-- 1 ftp ftp {len(text)} Jan  1 00:00 {each}\r\n" for each, text in FILES.items()).encode()
PLAIN = {"SYST": "215 UNIX Type: L8", "PWD": '257 "/"', "CWD": "250 ok", "TYPE": "200 ok", "NOOP": "200 ok"}
ANYBODY = {"USER": "331 any password will do", "PASS": "230 logged in", "QUIT": "221 bye"}


def listening(client: Client, word: str) -> socket.socket:
    """A port for the next transfer, at the address that the client came to."""
    server = socket.create_server((client.own, 0), backlog=1)
    server.settimeout(SECONDS)
    port = server.getsockname()[1]
    here = ",".join((*client.own.split("."), str(port // 256), str(port % 256)))
    client.say(f"227 passive ({here})" if word == "PASV" else f"229 passive (|||{port}|)")
    return server


def send(client: Client, server: socket.socket | None, content: bytes) -> None:
    """Send what was asked for on a connection of its own."""
    client.say("150 here it comes" if server else "425 PASV or EPSV first")
    if server:
        with server, server.accept()[0] as connection:
            connection.sendall(content)
        client.say("226 that was it")


def talk(client: Client) -> None:
    """One client's session."""
    client.say(f"220 {name()} {NOTE}")
    inside, server = False, None  # a port for a transfer serves one
    for word, rest in client.commands():
        file = {"LIST": LONG, "NLST": NAMES}.get(word, FILES.get(rest.lstrip("/")))
        if word in ANYBODY:
            inside = inside or word == "PASS"
            client.say(ANYBODY[word])
        elif not inside:
            client.say("530 USER and PASS first")
        elif word in ("PASV", "EPSV"):
            server = listening(client, word)
        elif word in ("LIST", "NLST", "RETR") and file is not None:
            send(client, server, file)
            server = None
        elif word in ("RETR", "SIZE"):
            client.say("550 no such file" if file is None else f"213 {len(file)}")
        else:
            client.say(PLAIN.get(word, "502 not known here"))
        if word == "QUIT":
            return


serve(21, talk)
forever()
