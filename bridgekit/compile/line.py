"""A compiled step: argument vectors and text, in their place and in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from bridgekit.words import Argv, Pipeline, Text, Var, Word


class Line(NamedTuple):
    """One step of a plan, or one condition.

    kind: `need`, `remark`, `capture`, `step` or `probe`.  number: from 1; 0 for the first two.
    say, asks, why, more: its sentence, the sentence before a probe's answer is known, its reason, more about it.  The
    last three are empty where they were not asked for.
    netns, container: where it is done, if not on the host.
    need: for a need or a remark, the question that must be answered yes.
    variable, override, question: for a capture, what it learns, the variable of the environment that answers instead,
    and the pipeline that it keeps the output of.
    possible, only_if: a sentence, and the question that must be answered yes: else the step is left out, or fails.
    unless: the question that is answered yes where it is so already.
    remains: the one that allows the undo, if that is another.
    sets: what the step gives a value to.
    undo, run: the commands, already in their place.  A probe has only the latter.
    programs: what it starts.
    expect, refute, passing: what a probe must print; whether it must fail; whether that holds only at this moment.
    once: a later step supersedes it.
    part_of: the steps any one of which, undone, takes this one along; empty: it is a root.
    """

    number: int
    kind: str
    say: Word
    asks: Word = ""
    why: str = ""
    more: str = ""
    netns: Text | None = None
    container: Text | None = None
    need: Argv = ()
    variable: Var | None = None
    override: str = ""
    question: Pipeline = ()
    possible: Argv = ()
    only_if: Argv = ()
    unless: Argv = ()
    remains: Argv = ()
    sets: Argv = ()
    undo: Argv = ()
    run: Argv = ()
    programs: tuple[Word, ...] = ()
    expect: Word = ""
    refute: bool = False
    passing: bool = False
    once: bool = False
    part_of: tuple[int, ...] = ()


@dataclass(frozen=True)
class Compiled:
    """A plan, compiled.

    title: its first sentence.  command: what makes it again, on one line.  modern: whether it is in the modern dialect.
    identity: what it is, where the command does not say all of it.
    explained: whether its lines have all their sentences.
    variables: those that differ per machine, each with its default (empty: captured).
    programs: what must be there before it starts, each with its Debian package.
    """

    name: str
    recipe: str
    title: str
    command: str
    lang: str
    modern: bool
    variables: dict[str, str]
    programs: dict[str, str]
    lines: tuple[Line, ...]
    identity: str = ""
    explained: bool = True

    @property
    def numbered(self) -> list[Line]:
        """The lines but the conditions."""
        return [line for line in self.lines if line.number]
