"""One long-lived bash that is fed a script in pieces."""

from __future__ import annotations

from queue import Queue

from bridgekit import environment
from bridgekit.attempt import attempted, outcome
from bridgekit.errors import HostError, RunError
from bridgekit.run import start
from bridgekit.script import Piece, Script

_READY = "bridgekit-is-ready"


class Session:
    """That bash; while it is open it holds the lock."""

    def __init__(self, script: Script) -> None:
        self._lines: Queue[str | None] = Queue()
        self._input: Queue[str | None] = Queue()
        self._bash = start(
            "-s",
            _in=self._input,
            _out=lambda line: self._lines.put(line.rstrip("\n")),
            _done=lambda *_: self._lines.put(None),
            env=environment.clean(),
        )
        opening = f"MODE=up whole=1 sum={script.sha256}; ready; begin"
        self._prelude = f"{script.prelude}\n{opening}\n{script.needs}"

    def begin(self) -> None:
        """Feed what comes before the steps.  Raises as `feed`."""
        self.feed(self._prelude)

    def feed(self, text: str) -> list[str]:
        """Feed text and return what it printed.  Raises RunError or HostError if that ended the session."""
        self._input.put(f"{text}\nprintf '%s\\n' {_READY}\n")
        heard: list[str] = []
        while (line := self._lines.get()) != _READY:
            if line is None:
                self._ended()
            heard.append(str(line))
        return heard

    def attempt(self, piece: Piece) -> tuple[list[str], bool]:
        """Feed a piece whose failure does not end the session; what it printed, and whether it went well."""
        heard, state = outcome(self.feed(attempted(piece)))
        self.feed(state or "")
        return heard, state is not None

    def _ended(self) -> None:
        self._bash.wait()
        words = self._bash.stderr.decode("utf-8", "replace").strip()
        raise (HostError if self._bash.exit_code == 3 else RunError)(words)

    def mark(self) -> int:
        """How many lines the journal has now."""
        return int(self.feed('wc -l <"$JOURNAL"')[0])

    def take_back(self, mark: int) -> None:
        """Undo what the journal says after that, and go on."""
        self.feed(f"take_back {mark}; hear")

    def close(self, keep: bool) -> None:
        """End the session; unless the network is kept, leaving takes it back."""
        self._input.put("words=; finish\n" if keep else "finished=''\n")
        self.abandon()

    def abandon(self) -> None:
        """End the session where it stands and wait for it: it takes back what it did."""
        self._input.put(None)
        self._bash.wait()
