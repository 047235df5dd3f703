"""jinja2, in one place: strict, without surprises in white space."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from bridgekit.explain import TEMPLATES


@cache
def template(name: str) -> Template:
    """A template of ours, by its path under templates/."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
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
