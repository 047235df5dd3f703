"""IMAP (RFC 3501) to read an INBOX: CAPABILITY, LOGIN, LIST, STATUS, SELECT, EXAMINE, SEARCH ALL, FETCH, NOOP, LOGOUT.

Any password will do; messages come whole (RFC822, BODY[]) or as RFC822.SIZE, FLAGS, UID.
"""

import re

from lines import NOTE, Client, name
from mails import Mailbox

WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')
KNOWN = re.compile(r"RFC822\.SIZE|FLAGS|UID|RFC822|BODY(?:\.PEEK)?\[\]", re.I)


def words(text: str) -> list[str]:
    return [quoted or plain for quoted, plain in WORD.findall(text)]


def numbers(text: str, last: int) -> list[int]:
    """A sequence set: `2`, `1:3`, `1:*`, with commas between.  Raises ValueError."""
    found = list[int]()
    for part in text.split(","):
        first, _, end = part.partition(":")
        low, high = sorted(last if each == "*" else int(each) for each in (first, end or first))
        found += range(max(low, 1), min(high, last) + 1)
    return found


def fetched(number: int, message: bytes, items: list[str]) -> bytes:
    """One message's answer."""
    parts = list[bytes]()
    for item in items:
        value = {"RFC822.SIZE": b"%d" % len(message), "FLAGS": b"()", "UID": b"%d" % number}.get(item)
        parts.append(item.replace(".PEEK", "").encode() + b" " + (value or b"{%d}\r\n" % len(message) + message))
    return b"* %d FETCH (" % number + b" ".join(parts) + b")"


def selected(word: str, rest: str, messages: list[bytes]) -> list[str | bytes]:
    """What a user who is logged in is told before the last line.  Raises ValueError where that would be `BAD`."""
    count = len(messages)
    if word in ("SELECT", "EXAMINE"):
        return [
            f"* {count} EXISTS",
            "* 0 RECENT",
            "* FLAGS ()",
            "* OK [UIDVALIDITY 1] it is",
            f"* OK [UIDNEXT {count + 1}] it is",
        ]
    if word == "FETCH":
        which, _, what = rest.partition(" ")
        return [fetched(each, messages[each - 1], KNOWN.findall(what.upper())) for each in numbers(which, count)]
    if word == "SEARCH":
        return [" ".join(("* SEARCH", *map(str, range(1, count + 1))))]
    if word == "LIST":
        return ['* LIST () "/" INBOX']
    if word == "STATUS":
        return [f"* STATUS INBOX (MESSAGES {count})"]
    raise ValueError


def talk(client: Client, box: Mailbox) -> None:
    """One client's session."""
    client.say(f"* OK {name()} {NOTE}")
    user = ""
    for tag, line in client.commands():
        word, _, rest = line.partition(" ")
        word = word.upper()
        if word == "UID":  # they are the numbers, since nothing is deleted here
            word, _, rest = rest.partition(" ")
            word = word.upper()
        try:
            if word == "LOGOUT":
                return client.say("* BYE", f"{tag} OK")
            if word == "CAPABILITY":
                client.say("* CAPABILITY IMAP4rev1")
            elif word == "LOGIN" and len(words(rest)) == 2:
                user = words(rest)[0]
            elif word != "NOOP":
                if not user:
                    raise ValueError
                client.say(*selected(word, rest, box.get(user)))
            client.say(f"{tag} OK {word}")
        except ValueError:
            client.say(f"{tag} BAD not known here, or LOGIN first")
    return None
