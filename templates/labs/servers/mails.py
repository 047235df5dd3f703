"""The mail that one process keeps, by user: what came by SMTP is fetched by POP3 or IMAP."""

import threading
from collections import defaultdict

MESSAGES, OCTETS = 100, 1 << 20  # of one user; of one message


class Mailbox:
    def __init__(self) -> None:
        self._of: defaultdict[str, list[bytes]] = defaultdict(list)
        self._lock = threading.Lock()

    def put(self, address: str, message: bytes) -> bool:
        """Whether there was room for a message to USER or USER@DOMAIN."""
        with self._lock:
            kept = self._of[address.partition("@")[0].lower()]
            if len(kept) < MESSAGES:
                kept.append(message)
                return True
            return False

    def get(self, user: str) -> list[bytes]:
        """A user's messages, as they are now."""
        with self._lock:
            return list(self._of.get(user.lower(), ()))

    def drop(self, user: str, messages: list[bytes]) -> None:
        """Delete messages of a user's."""
        with self._lock:
            self._of[user.lower()] = [
                each for each in self._of[user.lower()] if not any(each is one for one in messages)
            ]
