"""Telnet (RFC 854) on port 23: a conversation in lines, readable by whoever captures it.  It gives no shell.

telnet.py [NAME]
"""

import re

from lines import NOTE, Client, forever, name, serve

ASKED = re.compile(
    rb"\xff(?:[\xfb-\xfe].|\xfa.*?\xff\xf0|[\xf0-\xf9])", re.S
)  # options and their answers: none is taken


def hear(client: Client) -> str:
    return ASKED.sub(b"", client.hear()).decode(errors="replace").strip()


def talk(client: Client) -> None:
    client.say(NOTE)
    client.connection.sendall(f"{name()} login: ".encode())
    try:
        user = hear(client)
        client.connection.sendall(b"password (any will do, and whoever listens on the way can read it): ")
        hear(client)
        client.say(f"{user}, you come from {client.peer}; `who`, `exit`")
        while (word := hear(client)) != "exit":
            client.say(f"{user} from {client.peer} at {client.own}" if word == "who" else "`who` or `exit`")
        client.say("bye")
    except EOFError:
        return


serve(23, talk)
forever()
