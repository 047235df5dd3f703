"""A script, piece by piece, to one bash session in the terminal of a learner."""

from __future__ import annotations

import re
from queue import Queue

from bridgekit import environment, facts
from bridgekit.errors import HostError, RunError
from bridgekit.explain import section
from bridgekit.run import signals_to, start
from bridgekit.script import Piece, Script
from bridgekit.streams import one_line

_READY = "bridgekit-is-ready"
_FEW = 8
_JOURNAL = " file /run/bridgekit/"  # bridgekit's own notes are not the network


class Session:
    """One long-lived bash that is fed a script in pieces."""

    def __init__(self, script: Script) -> None:
        self._lines: Queue[str | None] = Queue()
        self._input: Queue[str | None] = Queue()
        self._bash = start(
            "-s",
            "up",
            _in=self._input,
            _out=lambda line: self._lines.put(line.rstrip("\n")),
            _done=lambda *_: self._lines.put(None),
            _env=environment.for_script(script.sha256),
        )
        self._prelude = script.prelude

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

    def _ended(self) -> None:
        self._bash.wait()
        words = self._bash.stderr.decode("utf-8", "replace").strip()
        raise (HostError if self._bash.exit_code == 3 else RunError)(words)

    def mark(self) -> int:
        """How many undo lines there are now."""
        return int(self.feed("count")[0])

    def take_back(self, mark: int) -> None:
        """Undo all but the first `mark` undo lines, and go on."""
        self.feed(f"was=$again again=1; take_back {mark}; again=$was")

    def close(self, keep: bool) -> None:
        """End the session; unless the network is kept, leaving takes it back."""
        self._input.put('finished=1; grep -q ^finished "$LOG" || log finished\n' if keep else "finished=''\n")
        self.abandon()

    def abandon(self) -> None:
        """End the session where it stands and wait for it: it takes back what it did."""
        self._input.put(None)
        self._bash.wait()


def _excerpt(lines: list[str], text: str) -> list[str]:
    """The few lines to show of many: those about the text, or the last."""
    at = next((number for number, line in enumerate(lines) if text and text in line), len(lines))
    start = max(0, min(at - _FEW // 2, len(lines) - _FEW))
    return lines[start : start + _FEW]


class Teacher:
    """Shows each piece, asks, feeds it, and shows what changed."""

    def __init__(self, script: Script, session: Session, lang: str, ask: bool) -> None:
        self._script, self._session = script, session
        self._words: dict[str, str] = section("teach", lang)
        self._ask = ask
        self._done: list[tuple[int, int]] = []  # index of each piece that ran, and the mark before it
        self._found: dict[str, str] = {}  # by the example of each value that was captured, the value

    def teach(self) -> bool:
        """Walk through the script; whether to its end."""
        print(self._script.title)
        index = 0
        while index < len(self._script.pieces):
            piece = self._script.pieces[index]
            self._introduce(piece)
            match self._decision(piece):
                case "q":
                    self._leave(self._answer(self._words["quit"]) in ("n", "no"))
                    return False
                case "b":
                    index = self._back(index)
                case "s":
                    index += self._skip(piece)
                case guess:
                    self._perform(index, piece, guess)
                    index += 1
        self._session.feed("finish")
        self._leave(not self._ask or self._answer(self._words["end"]) == "k")
        return True

    def _introduce(self, piece: Piece) -> None:
        words = self._true(piece.ask) if piece.is_probe else piece.say
        print(f"\n{piece.number}/{len(self._script.pieces)}  {words}")
        if piece.why and not piece.is_probe:
            print(f"   {piece.why}")
        print(f"   $ {self._true(piece.command.removeprefix('! '))}")

    def _true(self, text: str) -> str:
        """A text with the values that were captured in the place of their examples."""
        if not self._found:
            return text
        examples = "|".join(re.escape(example) for example in self._found)
        return re.sub(rf"(?<![\w.:-])(?:{examples})(?![\w-]|[.:]\w)", lambda match: self._found[match[0]], text)

    def _decision(self, piece: Piece) -> str:
        prompt = self._words["keys_probe" if piece.is_probe else "keys"]
        while True:
            key = self._answer(prompt)[:1]
            if key == "?":
                print(f"   {piece.more or self._words['nothing_more']}")
            elif key in "sbq" or not piece.is_probe or not self._ask or key in "yn":
                return key

    def _answer(self, prompt: str) -> str:
        if not self._ask:
            return ""
        try:
            return input(prompt).strip().lower()
        except EOFError:
            print()
            return "q"

    def _perform(self, index: int, piece: Piece, guess: str) -> None:
        mark = self._session.mark()
        before = () if piece.is_probe else facts.snapshot()
        heard = self._session.feed(f'{piece.body}\nreport >/dev/null; [ -z "$said" ] || say "$said"{piece.reveal}')
        for line in _excerpt(heard, " ".join(self._session.feed(f"say {piece.shows}")) if piece.shows else ""):
            print(f"   | {one_line(line)}")
        if piece.example:
            self._found[piece.example] = heard[-1].partition("=")[2]
        if piece.is_probe:
            self._judge(piece, guess)
        else:
            self._changes(before)
        self._done.append((index, mark))

    def _judge(self, piece: Piece, guess: str) -> None:
        truth = "works" if piece.expect else "fails"
        verdict = self._words["right" if (guess == "y") == piece.expect else "wrong"] + " " if guess else ""
        print(f"   {verdict}{self._words[truth]} {piece.say}\n   {piece.why}")

    def _changes(self, before: tuple[str, ...]) -> None:
        changed = [line for line in facts.changes(before, facts.snapshot()) if _JOURNAL not in line]
        for line in changed[:_FEW] or [self._words["unchanged"]]:
            print(f"   {one_line(line)}")
        if len(changed) > _FEW:
            print(f"   … {len(changed) - _FEW}")

    def _skip(self, piece: Piece) -> int:
        print(f"   {self._words['needed' if piece.reveal else 'skipped']}")
        return 0 if piece.reveal else 1

    def _back(self, index: int) -> int:
        if not self._done:
            print(f"   {self._words['nothing_back']}")
            return index
        index, mark = self._done.pop()
        self._session.take_back(mark)
        print(f"   {self._words['taken_back']}")
        return index

    def _leave(self, keep: bool) -> None:
        self._session.close(keep)
        text = self._words["kept"].format(name=self._script.name) if keep else self._words["taken_back"]
        print(text)


def teach(script: Script, lang: str = "en", ask: bool = True) -> bool:
    """Teach a script in this terminal; whether it was walked to its end.

    lang: `en` or `zh`.  ask: wait for the learner at each step; without it the walk goes on by itself.
    Raises RunError if a step failed or Ctrl-C stopped it (all is taken back), HostError.
    """
    stopping = False

    def interrupt(*_: object) -> None:
        if not stopping:
            raise KeyboardInterrupt

    with signals_to(interrupt) as let_come:
        session = Session(script)
        try:
            let_come()
            session.begin()
            return Teacher(script, session, lang, ask).teach()
        except BaseException as error:
            stopping = True
            session.abandon()
            if isinstance(error, KeyboardInterrupt):
                raise RunError("stopped; what was done is taken back") from None
            raise
