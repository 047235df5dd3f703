"""The committed pictures show what the lessons and the small Internet of routers end in, as it is drawn today."""

from __future__ import annotations

import html
import re
from xml.etree import ElementTree

import pytest

from tests.pictures import FORMATS, SCENES, drawn, file

TEXTS = [form for form in FORMATS if form != "svg"]


@pytest.mark.kernel
@pytest.mark.parametrize("scene", SCENES)
def test_a_picture_is_current(scene: str) -> None:
    """`python -m tests.pictures` writes them anew."""
    for form, text in drawn(scene, *TEXTS).items():
        assert file(scene, form).read_text("utf-8") == text


@pytest.mark.parametrize("scene", SCENES)
def test_a_picture_as_svg_holds_every_name(scene: str) -> None:
    """Where things stand in it depends on the version of graphviz."""
    said = {each.text for each in ElementTree.parse(file(scene, "svg")).iter() if each.tag.endswith("}text")}
    names = re.findall(r"<b>(.*?)</b>", file(scene, "dot").read_text("utf-8"))
    assert len(names) > 4
    assert {html.unescape(name) for name in names} <= said
