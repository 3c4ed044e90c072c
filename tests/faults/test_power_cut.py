"""A disk that loses its power forgets what was not synced: nothing that was acknowledged, and nothing by halves."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from power import power
from powered import Powered, Stage, gone_through
from trials import PLACES, Trial

from probation_etl.files import sync

Begin = Callable[[str, str], Trial]
_UNDONE = re.compile(r"Nothing was (changed|loaded|done)")
_LOADED = re.compile(r"(?<!whether )[Tt]he returns were loaded")
_MODEL = "on a file system that forgets what was not synced"


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> list[Stage]:
    """One store from its first run to its last command, with a power cut after each."""
    root = tmp_path_factory.mktemp("power")
    scene = Powered(root / "scene")
    scene.fill()
    return list(gone_through(scene, root))


def test_the_disk_forgets_what_was_not_synced(tmp_path: Path) -> None:
    """Else the trials below would show nothing."""
    (tmp_path / "old").write_text("old")
    (tmp_path / "renamed").write_text("old")
    with power(tmp_path):
        for name in ("content", "name", "both"):
            (tmp_path / name).write_text(name)
        for name in ("name", "both"):
            sync(tmp_path / name)
        (tmp_path / "folder").mkdir()
        sync(tmp_path)
        (tmp_path / "late").write_text("late")
        sync(tmp_path / "late")
        (tmp_path / "both").write_text("overwritten")
        (tmp_path / "folder" / "inside").mkdir()
        (tmp_path / "old").unlink()
        (tmp_path / "renamed").replace(tmp_path / "new")
    assert {each.name: each.read_text() for each in tmp_path.iterdir() if each.is_file()} == {
        "old": "old", "renamed": "old", "content": "", "name": "name", "both": "both",
    }  # fmt: skip
    assert list((tmp_path / "folder").iterdir()) == []
    (tmp_path / "content").write_text("old")
    with power(tmp_path, cut=3):
        (tmp_path / "content").write_text("cut before it is synced")
        with pytest.raises(OSError, match="Input/output error"):
            sync(tmp_path / "content")
    assert (tmp_path / "content").read_text() == "old"


def test_what_was_acknowledged_is_there_after_a_power_cut(trial: Begin, stages: list[Stage], tmp_path: Path) -> None:
    begun = trial(
        "A power cut loses nothing that was acknowledged",
        f"the power is cut after runs, exports, tracker, withdrawal, purge and archive, {_MODEL}",
    )
    finished = begun.sampled(range(len(stages)), most=1)
    for number, stage in enumerate(stages):
        scene = stage.after.copied(tmp_path / str(number))
        assert stage.outcome.code in (0, 1), stage.outcome
        assert stage.before.shown() != stage.done.shown(), stage.name
        begun.holds(
            stage.name,
            the_store_holds_it=scene.state() == stage.states[1],
            every_file_is_there_and_whole=scene.shown() == stage.done.shown(),
        )
        if number in finished:
            _finished(begun, stage.name, stage, scene, nothing_is_told_twice=scene.here(*scene.arguments).code == 0)


def test_a_power_cut_at_any_moment_leaves_all_or_nothing(trial: Begin, stages: list[Stage], tmp_path: Path) -> None:
    begun = trial(
        "After a power cut there is all of a command or nothing, and the next one finishes the job",
        f"the power is cut before each change of the disk of the same commands, {_MODEL}, and on one that forgets by chance",
    )
    places = [(stage, at, seed) for stage in stages for at in range(1, stage.changes + 1) for seed in ("", str(at))]
    random.Random(26062021).shuffle(places)  # noqa: S311 -- chance, not secrecy
    for number, (stage, at, seed) in enumerate(begun.sampled(places, most=2)):
        with begun.at(f"{stage.name} {at} {seed}"):
            _cut(begun, stage, at, seed, stage.before.copied(tmp_path / str(number)))
        if PLACES:
            shutil.rmtree(tmp_path / str(number), ignore_errors=True)


def _cut(begun: Trial, stage: Stage, at: int, seed: str, scene: Powered) -> None:
    """Cuts the power in the middle of a command, and gives the command again."""
    given = stage.arguments(scene)
    with power(scene.disk, at, seed):
        failed = scene.here(*given)
    told = failed.out.count("\n") >= stage.outcome.out.count("\n") or bool(_LOADED.search(failed.err))
    left = scene.state()
    again = scene.here(*given)
    place = f"{stage.name} {at} {seed} (ended {failed.code}: {failed.err[:200]}, then {again.code}: {again.err[:200]})"
    _finished(
        begun, place, stage, scene,
        what_was_told_is_there=not told or left == stage.states[1],
        what_was_undone_is_not=not _UNDONE.search(failed.err) or left == stage.states[0],
        there_is_all_or_nothing=left in stage.states,
    )  # fmt: skip


def _finished(begun: Trial, place: str, stage: Stage, scene: Powered, **more: bool) -> None:
    """Nothing is lost, and nobody has to help."""
    verified = scene.here("store", "verify", scene.url, "--contracts", scene.root / "contracts")
    first, then = (scene.here(*scene.arguments, "--json") for _ in range(2))
    begun.holds(
        f"{place} {verified.out[-200:]}{verified.err[:200]}{first.err[:200]}{then.err[:200]}",
        **more,
        the_store_is_that_of_a_command_without_a_fault=scene.state() == stage.states[1],
        what_was_sent_is_in_the_inbox_or_the_archive=scene.received() == stage.before.received(),
        every_invariant_holds=verified.code == 0,
        the_reports_are_whole=scene.has_whole_reports(),
        a_run_has_nothing_to_do=then.code == 0 and {each["verdict"] for each in then.json["returns"]} <= {"unchanged"},
    )
