"""jinja2, in one place: strict, without surprises in white space."""

from __future__ import annotations

import re
from functools import cache

from jinja2 import Environment, FunctionLoader, StrictUndefined, Template

from bridgekit.explain import TEMPLATES, section

_PHRASE = re.compile(r"\{\{ t\.(\w+) \}\}")


@cache
def template(name: str, lang: str) -> Template:
    """A template of ours, by its path under templates/; `{{ t.NAME }}` is a phrase of that language's catalogue."""
    phrases = section("phrases", lang)

    def source(path: str) -> str:
        # Put in before jinja2 compiles it: half a hundred phrases would be half its work, for a text rendered once.
        return _PHRASE.sub(lambda found: phrases[found[1]], (TEMPLATES / path).read_text("utf-8"))

    environment = Environment(
        loader=FunctionLoader(source),
        undefined=StrictUndefined,
        comment_start_string="{##",  # bash itself writes ${#list[@]}
        comment_end_string="##}",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        optimized=False,  # a script is rendered once; the optimizer costs more than it saves
    )
    return environment.get_template(name)
