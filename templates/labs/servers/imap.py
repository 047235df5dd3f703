"""IMAP (RFC 3501) to read an INBOX: LOGIN, LIST, STATUS, SELECT, SEARCH ALL, FETCH, UID, NOOP, LOGOUT.

Any password will do; messages come whole (RFC822, BODY[]) or as RFC822.SIZE, FLAGS, UID, which is the number.
"""

import re

from lines import NOTE, Client, name
from mails import Mailbox

WORD, KNOWN = re.compile(r'"([^"]*)"|(\S+)'), re.compile(r"RFC822\.SIZE|FLAGS|UID|RFC822|BODY(?:\.PEEK)?\[\]")
FREE = {"CAPABILITY": ["* CAPABILITY IMAP4rev1"], "NOOP": [], "LOGOUT": ["* BYE"]}


def numbers(text: str, last: int) -> list[int]:
    """A sequence set: `2`, `1:3`, `1:*`.  Raises ValueError."""
    first, _, end = text.partition(":")
    low, high = sorted(last if each == "*" else int(each) for each in (first, end or first))
    return list(range(max(low, 1), min(high, last) + 1))


def fetched(number: int, message: bytes, items: list[str]) -> bytes:
    """One message's answer."""
    short = {"RFC822.SIZE": b"%d" % len(message), "FLAGS": b"()", "UID": b"%d" % number}
    parts = [(item.replace(".PEEK", ""), short.get(item, b"{%d}\r\n" % len(message) + message)) for item in items]
    return b"* %d FETCH (" % number + b" ".join(item.encode() + b" " + value for item, value in parts) + b")"


def answer(word: str, rest: str, messages: list[bytes]) -> list[str | bytes]:
    """What a user who is logged in is told before the last line.  Raises ValueError, KeyError where it is `BAD`."""
    count = len(messages)
    if word == "FETCH":
        which, _, what = rest.partition(" ")
        return [fetched(each, messages[each - 1], KNOWN.findall(what.upper())) for each in numbers(which, count)]
    selected = [f"* {count} EXISTS", "* 0 RECENT", "* FLAGS ()", "* OK [UIDVALIDITY 1] it is"]
    found = " ".join(("* SEARCH", *map(str, range(1, count + 1))))
    told = {"LIST": ['* LIST () "/" INBOX'], "STATUS": [f"* STATUS INBOX (MESSAGES {count})"], "SEARCH": [found]}
    return list({**told, "SELECT": selected, "EXAMINE": selected}[word])


def talk(client: Client, box: Mailbox) -> None:
    """One client's session."""
    client.say(f"* OK {name()} {NOTE}")
    user = ""
    for tag, line in client.commands():
        word, _, rest = re.sub("^UID ", "", line, flags=re.I).partition(" ")
        word, given = word.upper(), WORD.findall(rest)
        try:
            if word == "LOGIN" and len(given) == 2:
                user = "".join(given[0])
            elif word in FREE or user:
                client.say(*(FREE[word] if word in FREE else answer(word, rest, box.get(user))))
            else:
                raise KeyError
            client.say(f"{tag} OK {word}")
        except (ValueError, KeyError):
            client.say(f"{tag} BAD not known here, or LOGIN first")
        if word == "LOGOUT":
            return
