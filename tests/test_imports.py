"""Who may import whom, how long a file and a function may be, and what a quick `--help` must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "bridgekit"
FILES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}
EVERYTHING = frozenset(name.partition(".")[0] for name in FILES)

# Room -> the rooms that it may import beside itself.  Every room of the package is here.
MAY_IMPORT = {
    "__init__": "",
    "__main__": "again cli",
    "errors": "",
    "translation": "errors",
    "environment": "",
    "again": "",
    "wide": "",
    "streams": "errors translation wide",
    "words": "errors translation",
    "names": "words errors translation",
    "operations": "names words errors translation",
    "plan": "operations names words",
    "dialects": "operations names errors translation",
    "explain": "operations plan words errors translation",
    "compile": "plan operations dialects explain words errors translation",
    "script": "",
    "recipes": "plan operations names words errors translation",
    "lessons": "recipes plan operations names words errors translation",
    "render": "compile plan operations dialects explain script words errors translation",
    "render.as_script": "compile explain script words __version__",
    "render.as_plain": "compile",
    "render.shell": "words",
    "render.vocabulary": "explain",
    "facts": "errors translation names words environment",
    "drawing": "errors streams translation facts",
    "drawing.graph": "translation",
    "drawing.translations": "translation",
    "verify": "errors translation doctor facts names sandbox trace",
    "trace": "errors translation facts journal names",
    "doctor": "errors translation facts sandbox operations",
    "journal": "errors translation",
    "upkeep": "errors translation explain facts journal lab lessons names plan recipes render run words",
    "refused": "errors translation explain facts journal plan upkeep words",
    "anew": "errors facts journal plan render run script upkeep",
    "watching": "errors translation anew explain facts journal names plan recipes render run script upkeep",
    "lab": "errors translation drawing facts journal names operations plan recipes render run trace verify",
    "unit": "errors translation journal names operations plan upkeep",
    "progress": "errors translation",
    "run": "errors translation script environment streams",
    "asking": "",
    "attempt": "script",
    "session": "errors translation script run attempt environment",
    "teach": "errors translation script explain facts run asking attempt session streams wide",
    "sandbox": "errors translation explain facts names again environment",
    "api": " ".join(EVERYTHING - {"cli", "recipes", "lessons", "__main__"}),
    "cli": " ".join((*EVERYTHING, "__version__")),
}
OUTSIDE = {
    "subprocess": {"facts", "cli.pages"},
    "sh": {"run"},
    "jinja2": {"render.templates"},
    "typer": {"cli"},
    "tomllib": {"explain", "dialects"},
    "rich": {"cli.pages"},
    "pydantic": {"lab"},
    "pydantic_core": {"lab"},
    "ruamel": {"lab"},
}
# Longer than the law allows, with the reason.
LONG_FILES: dict[str, str] = {}
LONG_FUNCTIONS = {
    "lessons.docker_by_hand.docker_by_hand": "a document's walk, one step a line",
}
LONGEST_FILE, LONGEST_FUNCTION = 250, 25


def _tree(name: str) -> ast.Module:
    return ast.parse(FILES[name].read_text("utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    """The full names of what a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            yield from (f"{node.module}.{each.name}" for each in node.names)


@pytest.mark.parametrize("folder", ["recipes", "lessons"])
def test_only_its_shelf_imports_the_module_of_a_recipe_or_a_lesson(folder: str) -> None:
    """Python puts an imported module where the package has the function of that name."""
    marks = ("@recipe(", "@lesson(")
    holders = {name for name, path in FILES.items() if any(mark in path.read_text("utf-8") for mark in marks)}
    assert len(holders) > 20
    for path in [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        if path != PACKAGE / folder / "__init__.py":
            modules = {name.rpartition(".")[0] for name in imported(ast.parse(path.read_text("utf-8")))}
            used = {name.removeprefix("bridgekit.") for name in modules} & holders
            assert not [name for name in used if name.startswith(folder)], path


def _rules(name: str) -> set[str]:
    """The rooms that a module may import: its own rule, or its room's."""
    room = name.partition(".")[0] or "__init__"
    return {room, *MAY_IMPORT.get(name, MAY_IMPORT[room]).split()}


def _rooms(tree: ast.Module) -> set[str]:
    return {
        name.split(".")[1]
        for name in imported(tree)
        if name.startswith("bridgekit.") and name.split(".")[1] in EVERYTHING | {"__version__"}
    }


def test_every_room_has_its_rule() -> None:
    assert {name.partition(".")[0] for name in MAY_IMPORT} == EVERYTHING


@pytest.mark.parametrize("name", sorted(FILES))
def test_rooms(name: str) -> None:
    assert _rooms(_tree(name)) - _rules(name) == set()


def test_the_rule_reads_every_form_of_import() -> None:
    tree = ast.parse(
        "import bridgekit.run\ndef f():\n    from bridgekit import api as a\n    from bridgekit.cli import x"
    )
    assert _rooms(tree) == {"run", "api", "cli"}
    assert list(imported(ast.parse("import sh, os.path"))) == ["sh", "os.path"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_law_of_design(name: str) -> None:
    """What changes or asks the machine knows nothing of recipes and of rendering."""
    room = name.partition(".")[0]
    if room in ("run", "session", "teach", "sandbox", "facts"):
        assert _rooms(_tree(name)) & {"recipes", "lessons", "render"} == set()


@pytest.mark.parametrize("library", OUTSIDE)
def test_outside_libraries_have_one_room(library: str) -> None:
    users = {name for name in FILES if any(each.partition(".")[0] == library for each in imported(_tree(name)))}
    assert users
    assert {name for name in users if not {name, name.partition(".")[0]} & OUTSIDE[library]} == set()


@pytest.mark.parametrize("argv", [["--help"], ["bridge", "--help"], ["learn", "--help"], ["recipes"]], ids=" ".join)
def test_help_does_not_load_what_is_slow(argv: list[str]) -> None:
    code = (
        f"import sys; sys.argv = ['bridgekit', *{argv!r}]\n"
        "import bridgekit.cli\n"
        "try: bridgekit.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "slow = sorted({'sh', 'jinja2', 'rich', 'pydantic', 'ruamel.yaml'} & set(sys.modules))\n"
        "print(slow, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "[]\n")


def test_a_dry_run_does_not_load_the_commands_that_look() -> None:
    code = (
        "import sys; sys.argv = 'bridgekit attach web 10.0.0.2/24 -n'.split()\n"
        "import bridgekit.cli\n"
        "try: bridgekit.cli.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "looks = ('bridgekit.cli.looking', 'bridgekit.facts', 'bridgekit.verify', 'bridgekit.doctor')\n"
        "print([name for name in looks if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "[]\n")


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_file_is_long(name: str) -> None:
    length = len(FILES[name].read_text("utf-8").splitlines())
    assert (length > LONGEST_FILE) == (name in LONG_FILES), length


def functions(node: ast.AST, name: str) -> Iterator[tuple[str, int]]:
    """Each function by its full name, with its lines without docstring and without signature."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            own = f"{name}.{child.name}"
            if not isinstance(child, ast.ClassDef):
                yield own, _length(child)
            yield from functions(child, own)


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("name", sorted(FILES))
def test_no_function_is_long(name: str) -> None:
    long = {function for function, length in functions(_tree(name), name) if length > LONGEST_FUNCTION}
    assert long == {function for function in LONG_FUNCTIONS if function.rpartition(".")[0] == name}


def test_the_length_of_a_function() -> None:
    tree = ast.parse(
        'class A:\n    def f(\n        self,\n    ):\n        """Doc.\n\n        More."""\n        a\n\n        b\n'
    )
    assert list(functions(tree, "m")) == [("m.A.f", 3)]
