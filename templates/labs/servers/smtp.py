"""SMTP (RFC 5321), enough to hand over a message: HELO, EHLO, MAIL, RCPT, DATA, RSET, NOOP, QUIT."""

import re

from lines import NOTE, Client, name
from mails import OCTETS, Mailbox

PATH = re.compile(r"(?:FROM|TO):\s*<([^<>\s]*)>", re.I)
TAKEN, UNKNOWN, ORDER, FULL = "250 ok", "500 not known here", "503 not in this order", "552 no room"


def message(client: Client) -> bytes | None:
    """The lines up to the single dot, or None where they are too many.  Raises EOFError."""
    lines, octets = list[bytes](), 0
    while (line := client.hear()) != b".":
        octets += len(line) + 2
        if octets <= OCTETS:
            lines.append(line[line.startswith(b".") :])
    return b"\r\n".join((*lines, b"")) if octets <= OCTETS else None


def talk(client: Client, box: Mailbox) -> None:
    """One client's session."""
    client.say(f"220 {name()} ESMTP {NOTE}")
    sender, to = False, list[str]()
    for word, rest in client.commands():
        path = PATH.match(rest)
        if word in ("MAIL", "RCPT") and not path:
            client.say("501 FROM:<address> or TO:<address>")
        elif word == "RCPT" and path and sender:
            to.append(path[1])
            client.say(TAKEN)
        elif word == "DATA" and to:
            client.say("354 end with a single dot")
            text = message(client)
            came = f"Received: from {client.peer} by {name()}\r\n".encode()
            kept = text is not None and all([box.put(each, came + text) for each in dict.fromkeys(to)])
            sender, to = False, []
            client.say(TAKEN if kept else FULL)
        elif word in ("RCPT", "DATA"):
            client.say(ORDER)
        elif word in ("HELO", "EHLO", "MAIL", "RSET"):
            sender, to = word == "MAIL", []
            hello = [f"250-{name()} greets {client.peer}", f"250 SIZE {OCTETS}"]
            client.say(*(hello if word == "EHLO" else [TAKEN]))
        elif word == "QUIT":
            return client.say("221 bye")
        else:
            client.say(TAKEN if word == "NOOP" else UNKNOWN)
    return None
