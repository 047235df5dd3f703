"""What a learner types at a prompt: keys, and their words in each language."""

from __future__ import annotations

from unicodedata import normalize

_SPOKEN = {
    "": ("run", "执行"),
    "s": ("s", "skip", "跳过"),
    "b": ("b", "back", "退回"),
    "q": ("q", "quit", "退出"),
    "?": ("?", "more", "细说"),
    "y": ("y", "yes", "会", "是"),
    "n": ("n", "no", "不会", "否"),
    "k": ("k", "keep", "保留"),
    "g": ("g", "go", "去"),
    "c": ("c", "continue", "继续"),
}


def key_of(text: str, keys: str) -> str | None:
    """Which of these keys was meant, `` being Enter; None: none of them.  Full-width forms count as the usual ones."""
    said = normalize("NFKC", text).strip().lower()
    if not said:
        return ""
    return next((key for key, words in _SPOKEN.items() if key in ("", *keys) and said in words), None)


def choose(prompt: str, keys: str, unknown: str, ended: str = "") -> str:
    """Ask until Enter or one of these keys is given.

    unknown: what to say to anything else.  ended: the answer where input ends.
    """
    while True:
        try:
            key = key_of(input(prompt), keys)
        except EOFError:
            print()
            return ended
        if key is not None:
            return key
        print(f"   {unknown}")
