"""POP3 (RFC 1939): USER, PASS, STAT, LIST, UIDL, RETR, DELE, RSET, NOOP, CAPA, QUIT.  Any password will do."""

import hashlib

from lines import NOTE, Client, name
from mails import Mailbox

Left = dict[int, bytes]  # the messages that are not deleted, by their numbers


def row(word: str, number: int, message: bytes) -> str:
    """Of LIST or UIDL."""
    uid = hashlib.sha256(b"%d" % number + message).hexdigest()[:16]
    return f"{number} {uid if word == 'UIDL' else len(message)}"


def answer(word: str, rest: str, left: Left) -> list[str | bytes]:
    """What a user who is logged in is told."""
    number = int(rest) if rest.isascii() and rest.isdigit() else 0
    if word == "STAT":
        return [f"+OK {len(left)} {sum(map(len, left.values()))}"]
    if word in ("LIST", "UIDL") and not rest:
        return ["+OK", *(row(word, *each) for each in left.items()), "."]
    if word in ("LIST", "UIDL", "RETR", "DELE") and number not in left:
        return ["-ERR no such message"]
    if word == "RETR":
        lines = left[number].removesuffix(b"\r\n").split(b"\r\n")
        return ["+OK", *(b"." * line.startswith(b".") + line for line in lines), "."]
    if word in ("LIST", "UIDL"):
        return [f"+OK {row(word, number, left[number])}"]
    if word == "DELE":
        del left[number]
    return ["+OK" if word in ("DELE", "NOOP") else "-ERR not known here"]


def talk(client: Client, box: Mailbox) -> None:
    """One client's session."""
    client.say(f"+OK {name()} {NOTE}")
    user, messages, inside = "", list[bytes](), False
    left: Left = {}
    for word, rest in client.commands():
        if word == ("RSET" if inside else "PASS") and user:
            messages, inside = messages if inside else box.get(user), True
            left = dict(enumerate(messages, 1))
            client.say(f"+OK {len(messages)} messages")
        elif word == "QUIT":
            box.drop(user, [each for number, each in enumerate(messages, 1) if number not in left])
            return client.say("+OK bye")
        elif word == "CAPA":
            client.say("+OK", "USER", "UIDL", ".")
        elif inside:
            client.say(*answer(word, rest, left))
        elif word == "USER" and rest:
            user = rest
            client.say("+OK")
        else:
            client.say("-ERR USER and PASS first")
    return None
