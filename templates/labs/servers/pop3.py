"""POP3 (RFC 1939): USER, PASS, STAT, LIST, UIDL, RETR, DELE, RSET, NOOP, CAPA, QUIT.  Any password will do."""

import hashlib

from lines import NOTE, Client, name
from mails import Mailbox

CAPABILITIES = ("+OK", "USER", "UIDL", ".")


def uid(message: bytes, number: int) -> str:
    return hashlib.sha256(b"%d" % number + message).hexdigest()[:16]


def listed(word: str, messages: list[bytes], gone: set[int]) -> list[str]:
    """A line for each message that is not deleted."""
    return [
        f"{number} {uid(each, number) if word == 'UIDL' else len(each)}"
        for number, each in enumerate(messages, 1)
        if number not in gone
    ]


def answer(word: str, rest: str, messages: list[bytes], gone: set[int]) -> list[str | bytes]:
    """What a user who is logged in is told."""
    number = int(rest) if rest.isascii() and rest.isdigit() else 0
    there = 0 < number <= len(messages) and number not in gone
    if word == "STAT":
        left = [each for at, each in enumerate(messages, 1) if at not in gone]
        return [f"+OK {len(left)} {sum(map(len, left))}"]
    if word in ("LIST", "UIDL") and not rest:
        return ["+OK", *listed(word, messages, gone), "."]
    if word in ("LIST", "UIDL", "RETR", "DELE") and not there:
        return ["-ERR no such message"]
    if word == "RETR":
        lines = messages[number - 1].removesuffix(b"\r\n").split(b"\r\n")
        return ["+OK", *(b"." * line.startswith(b".") + line for line in lines), "."]
    if word in ("LIST", "UIDL"):
        return [f"+OK {next(line for line in listed(word, messages, gone) if line.startswith(f'{number} '))}"]
    if word == "DELE":
        gone.add(number)
    elif word == "RSET":
        gone.clear()
    return ["+OK" if word in ("DELE", "RSET", "NOOP") else "-ERR not known here"]


def talk(client: Client, box: Mailbox) -> None:
    """One client's session."""
    client.say(f"+OK {name()} {NOTE}")
    user, messages, gone = "", list[bytes](), set[int]()
    inside = False
    for word, rest in client.commands():
        if word == "QUIT":
            box.drop(user, [messages[number - 1] for number in gone])
            return client.say("+OK bye")
        if word == "CAPA":
            client.say(*CAPABILITIES)
        elif inside:
            client.say(*answer(word, rest, messages, gone))
        elif word == "USER" and rest:
            user = rest
            client.say("+OK")
        elif word == "PASS" and user:
            messages, inside = box.get(user), True
            client.say(f"+OK {len(messages)} messages")
        else:
            client.say("-ERR USER and PASS first")
    return None
