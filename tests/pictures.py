"""The pictures of scripts/examples/pictures: networks of throw-away hosts, drawn by `bridgekit show`.

python -m tests.pictures      writes them anew; the svg need graphviz (apt-get install graphviz)
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from bridgekit import sandbox

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "scripts/examples/pictures"
FORMATS = ("dot", "mermaid", "svg")
_LESSON = "bridgekit learn {} --no-probes -n >/run/lesson; UPLINK=em1 bash /run/lesson >/dev/null\n"
_ATTACH = "bridgekit attach {} 10.0.0.{}/24 --gateway 10.0.0.1 --yes >/dev/null\n"
# What makes each network.
SCENES = {
    "throw-away-host": "for name in web db; do docker run -d --name $name --net=none busybox >/dev/null; done\n"
    f"{_ATTACH.format('web', 2)}{_ATTACH.format('db', 3)}bridgekit outbound 10.0.0.0/24 --yes >/dev/null\n",
    "docker-by-hand": _LESSON.format("docker-by-hand"),
    "isolation": _LESSON.format("isolation"),
    "internet": (FOLDER / "internet.sh").read_text("utf-8"),
}


def file(scene: str, form: str) -> Path:
    """Where a picture is kept."""
    return FOLDER / f"{scene}.{form}"


def drawn(scene: str, *forms: str) -> dict[str, str]:
    """A scene's network in each of these forms, as `show` prints it."""
    mark = "<!-- the next form -->"
    shows = "".join(f"bridgekit show --format {form}\necho '{mark}'\n" for form in forms)
    done = subprocess.run(
        ["env", "LC_ALL=C.UTF-8", *sandbox.command(["bash", "-euc", f"{SCENES[scene]}{shows}"])],
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(forms, done.stdout.split(f"{mark}\n"), strict=False))


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    if not shutil.which("dot"):
        raise SystemExit("graphviz draws the svg, and is not installed: apt-get install graphviz")
    for each in SCENES:
        for form, text in drawn(each, *FORMATS).items():
            file(each, form).write_text(text, "utf-8")
            print(file(each, form).relative_to(ROOT))
