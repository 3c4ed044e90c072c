"""Files that are hostile or damaged, in an inbox with good ones: the good are loaded, the bad is named."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import polars as pl
from scene import Scene
from trials import PLACES, Trial

from places import CHECKOUT, Outcome

Begin = Callable[[str, str], Trial]
FIXTURES = CHECKOUT / "tests" / "fixtures"
_GOOD = 20


def test_a_bad_file_never_stops_the_others(trial: Begin, tmp_path: Path) -> None:
    begun = trial(
        "A bad file never stops the others: they are loaded, and it is named with what is wrong with it",
        "each file of `tests/fixtures` with twenty good ones in one inbox",
    )
    files = begun.sampled(sorted(FIXTURES.iterdir()), most=8)
    for number, bad in enumerate([[each] for each in files] if PLACES else [files]):
        with begun.at([each.name for each in bad]):
            scene = _with_good_files(tmp_path / str(number))
            for path in bad:
                scene.put(_name(f"X{_letters(FIXTURES, path)}"), path.read_bytes())
            done = scene.here(*scene.arguments, "--json")
            for path in bad:
                told = _findings(done, f"X{_letters(FIXTURES, path)}")
                begun.holds(
                    f"{path.name} ({done.code}: {told})",
                    the_run_ends_with_1=done.code == 1,
                    the_good_ones_are_loaded=_loaded(scene) == _GOOD,
                    the_bad_one_is_named=bool(told),
                )


def test_a_file_that_kills_its_reader_is_parked(trial: Begin, tmp_path: Path) -> None:
    begun = trial(
        "A file that kills what reads it does not stop the others, is tried three times, then parked, and named by `status`",
        "a Parquet file that takes more memory than its reader may have",
    )
    scene, target = _with_good_files(tmp_path / "scene"), io.BytesIO()
    columns = {f"c{number}": [f"{number} {row}" for row in range(50_000)] for number in range(20)}
    pl.DataFrame(columns).write_parquet(target)
    scene.put(_name("XX"), target.getvalue())
    poisoned = (*scene.arguments, "--limit", "process_bytes=20000000", "--json")
    with begun.at("parquet"):
        outcomes = [scene.here(*poisoned) for _ in range(4)]
        status = scene.here("status", "--store", scene.url, *scene.contracts, "--json").json
        codes = [_findings(each, "XX") for each in outcomes]
        begun.holds(
            f"{codes}",
            the_good_ones_are_loaded_by_the_first_run=_loaded(scene) == _GOOD,
            every_run_ends_with_1=[each.code for each in outcomes[:3]] == [1, 1, 1],
            it_is_told_what_happened=codes[0] == codes[1] == ["reader-failed"],
            it_is_parked_after_three_attempts=codes[3] in (["parked-file"], []) and ["parked-file"] in codes,
            it_is_named=[each["file"] for each in status["parked"]] == [_name("XX")],
        )


def _with_good_files(root: Path) -> Scene:
    scene = Scene(root)
    for number in range(_GOOD):
        scene.send(f"G{ascii_uppercase[number]}", 1)
    return scene


def _name(branch: str) -> str:
    return f"{branch}_lending_2020-03-08.csv"


def _letters(folder: Path, path: Path) -> str:
    """A code of letters for each file of a folder."""
    tens, ones = divmod(sorted(folder.iterdir()).index(path), 26)
    return ascii_uppercase[tens] + ascii_uppercase[ones]


def _findings(done: Outcome, branch: str) -> list[Any]:
    """Codes of what is wrong with the file of a branch."""
    (found,) = (each for each in done.json["returns"] if each["file"] == _name(branch))
    return [each["code"] for each in found["findings"]] if found["verdict"] == "rejected" else []


def _loaded(scene: Scene) -> int:
    ((number,),) = scene.rows("SELECT COUNT(*) FROM released.loan WHERE branch LIKE 'G%'")
    return int(number)
