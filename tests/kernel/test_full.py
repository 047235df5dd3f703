"""No room where the journal is: refused before anything is touched, or all is taken back; what is said is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridgekit import recipes, render
from tests.kernel import measure, trial
from tests.kernel.cases import CASES, in_a_host, in_the_host
from tests.kernel.world import shell

STATE, FILLER = Path("/run/bridgekit"), Path("/run/bridgekit/.filler")
ROOM = 64  # pages of 4096 bytes
FREE = (0, 1)  # of them, when a script begins
# When the rest of them goes: at the first call of a program after so many steps.
MOMENTS = {
    ("lab", "batch"): (("ip *batch*", 0), ("stat *", 0), ("mkdir *", 20)),
    ("attach-netns-4", "script"): tuple(("ip *", reported) for reported in (0, 5, 8)),
}


def ended_well(before: measure.State, script: Path, result: trial.Ended) -> None:
    """What it says of its end is so, and with room again nothing stays."""
    at = f"{script}\n{result}"
    if result.code:
        assert result.code in (1, 3), at
        assert "No space left" in result.err or "no room" in result.err, at
        assert "missing" not in result.err, at
    FILLER.unlink(missing_ok=True)
    if not any(STATE.iterdir()):
        assert "rolled back" in result.err or result.code == 3, at
    else:
        assert "rolled back" not in result.err, at
        assert trial.bash(script, "down").code == 0, at
    measure.same(before, measure.state(), at)


@pytest.mark.parametrize(("case", "style"), MOMENTS)
@in_a_host
def test_a_full_disk_is_told_and_nothing_stays(case: str, style: str) -> None:
    measure.name_guests()
    script = Path("/run/full.sh")
    script.write_text(render.text(CASES[case](), style, "modern"))
    trial.prepare(["ip", "stat", "mkdir"])
    STATE.mkdir(mode=0o700)
    shell(f"mount -t tmpfs -o mode=700,size={ROOM * 4096} tmpfs {STATE}")
    before = measure.state()
    for free in FREE:
        shell(f"head -c {(ROOM - free) * 4096} /dev/zero >{FILLER}")
        ended_well(before, script, trial.bash(script))
    for target, reported in MOMENTS[case, style]:
        ended_well(before, script, trial.filled(script, target, reported))
    shell(f"umount {STATE}; rmdir {STATE}")


@pytest.mark.parametrize("case", ['put /mnt/file "$(base64 <<<"$long")"', 'write_file /mnt new "$long"'])
@in_a_host
def test_a_file_for_which_there_is_no_room_is_not_there_in_part(case: str) -> None:
    words = Path(render.__file__).parents[2] / "templates/shell"
    begin = f"set -euo pipefail; . {words}/carried.sh; . {words}/services.sh; mount -t tmpfs -o size=12k tmpfs /mnt"
    fill = "printf 'one\\n' >/mnt/file; head -c 4096 /dev/zero >/mnt/filler; long=$(printf %9000s x)"
    done = shell(f"{begin}; {fill}; if {case}; then exit 9; fi; ls /mnt; cat /mnt/file; umount /mnt")
    assert done.stdout == "file\nfiller\none\n", done


@in_the_host
def test_steps_that_do_not_fit_into_tmp_are_none() -> None:
    script, plan = Path("/run/full.sh"), recipes.mesh("br666", "10.0.0.0/24", ["netns:red"], count=100)
    script.write_text(render.text(plan, "script", "modern"))
    full = "mount -t tmpfs -o size=4k tmpfs /tmp; head -c 4096 /dev/zero >/tmp/filler"
    done = shell(f"{full}; steps='touch /run/evil' bash {script}; echo $?; umount /tmp; ls /run/evil", check=False)
    assert (done.stdout, done.stderr.splitlines()[-2:-1]) == ("3\n", ["bridgekit: no room is left in /tmp"]), done
