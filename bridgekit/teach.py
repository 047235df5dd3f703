"""A script, piece by piece, to one bash session in the terminal of a learner."""

from __future__ import annotations

import re
import sys

from bridgekit import facts
from bridgekit.asking import choose
from bridgekit.attempt import told
from bridgekit.errors import RunError
from bridgekit.explain import section
from bridgekit.run import signals_to
from bridgekit.script import Piece, Script
from bridgekit.session import Session
from bridgekit.streams import one_line
from bridgekit.translation import tr
from bridgekit.wide import behind, columns

_FEW = 8
_MARGIN = "   "
_JOURNAL = " file /run/bridgekit"  # bridgekit's own notes are not the network


def _excerpt(lines: list[str], text: str) -> list[str]:
    """The few lines to show of many: those about the text, or the last."""
    at = next((number for number, line in enumerate(lines) if text and text in line), len(lines))
    start = max(0, min(at - _FEW // 2, len(lines) - _FEW))
    return lines[start : start + _FEW]


def _tell(text: str, first: str = _MARGIN, above: str = "") -> None:
    """Print sentences, each behind what is first in its line."""
    wide = columns(sys.stdout)
    print(above + "\n".join(behind(first, line, wide) for line in text.split("\n")))


class Teacher:
    """Shows each piece, asks, feeds it, and shows what changed."""

    def __init__(self, script: Script, session: Session, lang: str, ask: bool) -> None:
        self._script, self._session = script, session
        self._words: dict[str, str] = section("teach", lang)
        self._ask = ask
        self._done: list[tuple[int, int]] = []  # index of each piece that ran, and the mark before it
        self._skipped: set[int] = set()  # the index of each step that was
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
                    return self._quit()
                case "b":
                    index = self._back(index)
                case "s":
                    index += self._skip(index, piece)
                case guess:
                    if self._perform(index, piece, guess):
                        index += 1
                    elif (next_ := self._after_failure(index)) is None:
                        return self._quit()
                    else:
                        index = next_
        self._session.feed("finish")
        self._leave(not self._ask or self._answer("end", "k") == "k")
        return True

    def _quit(self) -> bool:
        self._leave(self._answer("quit", "yn") == "n")
        return False

    def _introduce(self, piece: Piece) -> None:
        words = self._true(piece.ask) if piece.is_probe else piece.say
        _tell(words, f"{piece.number}/{len(self._script.pieces)}  ", above="\n")
        if piece.why and not piece.is_probe:
            _tell(piece.why)
        print(f"   $ {self._true(piece.command.removeprefix('! '))}")

    def _true(self, text: str) -> str:
        """A text with the values that were captured in the place of their examples."""
        if not self._found:
            return text
        examples = "|".join(re.escape(example) for example in self._found)
        return re.sub(rf"(?<![\w.:-])(?:{examples})(?![\w-]|[.:]\w)", lambda match: self._found[match[0]], text)

    def _decision(self, piece: Piece) -> str:
        name, keys = ("keys_probe", "ynsbq?") if piece.is_probe else ("keys", "sbq?")
        while (key := self._answer(name, keys)) == "?":
            _tell(piece.more or self._words["nothing_more"])
        return key

    def _answer(self, name: str, keys: str, **values: int) -> str:
        if not self._ask:
            return ""
        ended = "q" if "q" in keys else ""
        return choose(self._words[name].format(**values), keys, self._words["unknown"], ended)

    def _perform(self, index: int, piece: Piece, guess: str) -> bool:
        """Feed a piece and show what came of it; whether it went well."""
        mark = self._session.mark()
        before = () if piece.is_probe else facts.snapshot()
        if self._ask:
            heard, well = self._session.attempt(piece)
        else:
            heard, well = self._session.feed(told(piece)), True
        self._done.append((index, mark))
        self._skipped.discard(index)
        if not well:
            print(*(f"   | {one_line(line)}" for line in heard), sep="\n")
            return False
        for line in _excerpt(heard, " ".join(self._session.feed(f"say {piece.shows}")) if piece.shows else ""):
            print(f"   | {one_line(line)}")
        if piece.example:
            self._found[piece.example] = heard[-1].partition("=")[2]
        if piece.is_probe:
            self._judge(piece, guess)
        else:
            self._changes(before)
        return True

    def _after_failure(self, index: int) -> int | None:
        """Where to go from a piece that failed; None: nowhere."""
        skipped = max((each for each in self._skipped if each < index), default=None)
        if skipped is not None:
            key = self._answer("keys_skipped", "gcbq", number=self._script.pieces[skipped].number)
        else:
            key = self._answer("keys_failed", "cbq")
        match key:
            case "q":
                return None
            case "b":
                return self._back(index)
            case "g" if skipped is not None:
                return self._back_to(skipped)
        return index + 1

    def _back_to(self, index: int) -> int:
        """Take back what was done after a step that was skipped."""
        marks = [mark for done, mark in self._done if done > index]
        self._done = [each for each in self._done if each[0] < index]
        self._session.take_back(marks[0])
        print(f"   {self._words['taken_back']}")
        return index

    def _judge(self, piece: Piece, guess: str) -> None:
        truth = "works" if piece.expect else "fails"
        verdict = self._words["right" if (guess == "y") == piece.expect else "wrong"] + " " if guess else ""
        _tell(f"{verdict}{self._words[truth]} {piece.say}\n{piece.why}")

    def _changes(self, before: tuple[str, ...]) -> None:
        changed = [line for line in facts.changes(before, facts.snapshot()) if _JOURNAL not in line]
        for line in changed[:_FEW] or [self._words["unchanged"]]:
            print(f"   {one_line(line)}")
        if len(changed) > _FEW:
            print(f"   … {len(changed) - _FEW}")

    def _skip(self, index: int, piece: Piece) -> int:
        if not piece.is_probe and not piece.reveal:
            self._skipped.add(index)
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
    Raises RunError if Ctrl-C stopped it, or a step failed that nobody was asked about (all is taken back), HostError.
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
                raise RunError(tr("stopped; what was done is taken back")) from None
            raise
