"""Others at work while a run works: suppliers who are still writing, and readers of the store."""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from scene import Scene
from trials import Trial

Begin = Callable[[str, str], Trial]
_SETTLE = 1.5
_PAUSES, _MOMENTS = (0.05, 0.2, 0.5, 0.8), (0.0, 0.5, 1.0, 1.6, 3.0)


def test_a_file_that_is_being_written_is_taken_when_it_is_whole(trial: Begin, tmp_path: Path) -> None:
    begun = trial(
        "A file that is being written is left for the next run if its writer pauses for less than the settle time, or renames it; "
        "what came after a longer pause is a correction",
        "writers that pause in each row, that rename at a moment of the run, and that stop until it has ended",
    )
    for pause, moment in begun.sampled(itertools.product(_PAUSES, _MOMENTS), most=1):
        scene = Scene(tmp_path / f"{pause} {moment}")
        with begun.at(f"pause {pause}, rename {moment}"), _written(scene, pause, moment) as last:
            first = scene.here(*scene.arguments, "--settle", _SETTLE, "--json").json
            shown = {each["file"][0]: (each["verdict"], each["rows"]["read"]) for each in first["returns"]}
            waiting = {each["file"][0] for each in first["not_taken"] if each["state"] == "waiting"}
            last()
            then = scene.here(*scene.arguments, "--settle", 0, "--json").json
            loans = dict(scene.rows("SELECT branch, COUNT(*) FROM unified.loan GROUP BY branch"))
            begun.holds(
                f"pause {pause}, rename {moment} ({shown}, {waiting}, {loans})",
                nothing_is_taken_of_what_changes="S" not in shown and "S" in waiting,
                what_was_renamed_is_whole_or_not_there=shown.get("R", ("accepted", 9)) == ("accepted", 9),
                what_had_stopped_is_taken=shown.get("P") == ("accepted", 1),
                both_runs_end_well=(first["exit_code"], then["exit_code"]) == (0, 0),
                in_the_end_all_is_there=loans == {"S": _rows(scene, "S"), "R": 9, "P": 2},
            )


@contextmanager
def _written(scene: Scene, pause: float, moment: float) -> Iterator[Callable[[], None]]:
    """Three suppliers write, until all of them are told to come to their end."""
    ended = threading.Event()
    scene.send("S", 1)
    scene.send("P", 1)

    def row_by_row() -> None:
        with (scene.inbox / "S_lending_2020-03-08.csv").open("a", encoding="utf-8") as file:
            for number in itertools.count(1):
                file.write(f"S{number:05},2020-03-02,0\n")
                file.flush()
                if ended.wait(pause):
                    return

    def under_another_name() -> None:
        path = scene.inbox / "R_lending_2020-03-08.csv.part"
        ended.wait(moment)
        head = "ticket,lent_on,fine\n"
        path.write_text(head, encoding="utf-8")
        for number in range(9):
            with path.open("a", encoding="utf-8") as file:
                file.write(f"R{number:05},2020-03-02,0\n")
            time.sleep(0.02)
        path.rename(path.with_suffix(""))

    writers = [threading.Thread(target=each) for each in (row_by_row, under_another_name)]
    for each in writers:
        each.start()

    def end() -> None:
        ended.set()
        for each in writers:
            each.join()
        scene.send("P", 2)

    yield end
    ended.set()
    for each in writers:
        each.join()


def _rows(scene: Scene, branch: str) -> int:
    return len((scene.inbox / f"{branch}_lending_2020-03-08.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_readers_see_whole_states_beside_a_run(trial: Begin, undisturbed: Scene, tmp_path: Path) -> None:
    begun = trial(
        "A reader beside a run ends well and sees what was committed before it or after; the run ends as ever",
        "`status`, `store export` and `store verify` again and again, while another process loads a correction",
    )
    for number in begun.sampled(range(20), most=1):
        scene = undisturbed.copied(tmp_path / f"scene{number}")
        with begun.at(f"round {number}"):
            seen, codes = [_status(scene)], set()
            scene.correct()
            line = [sys.executable, "-m", "probation_etl", *map(str, scene.arguments), "--wait", "240"]
            with subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as run:
                while run.poll() is None:
                    seen.append(_status(scene))
                    out = scene.root / "out"
                    codes.add(scene.here("store", "export", scene.url, "--to", out, *scene.contracts).code)
                    fines = pl.read_parquet(f"{out}/loan/**/*.parquet").filter(branch="A")["fine"].to_list()
                    seen.append(fines)
                    codes.add(scene.here("store", "verify", scene.url, *scene.contracts, "--wait", "240").code)
                said = run.stderr.read().decode() if run.stderr else ""
            last = _status(scene)
            begun.holds(
                f"round {number} ({len(seen)} looks; {codes}; {run.returncode} {said})",
                the_run_ends_as_ever=run.returncode == 0 and scene.is_corrected(),
                every_reader_ends_well=codes == {0},
                what_it_sees_was_committed=all(
                    each in (seen[0], last) if isinstance(each, dict) else each in ([0] * 40, [1] * 40) for each in seen
                ),
                something_was_seen=len(seen) > 1 and seen[0] != last,
                the_reports_are_whole=scene.has_whole_reports(),
            )


def _status(scene: Scene) -> Any:
    return scene.here("status", "--store", scene.url, *scene.contracts, "--json").json
