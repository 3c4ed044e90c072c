"""A command that is killed at any moment leaves the old state or the new one, and the next one finishes the job."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faulty_calls import CALLS, counted, injected
from scene import NewScene, Scene, aftermath
from trials import Trial, sampled

Begin = Callable[[str, str], Trial]
_WHOLE = "A run that is killed leaves all or nothing, and the next one finishes the job and gives its verdict"


def test_a_run_that_is_killed_at_a_system_call(
    trial: Begin, scenes: NewScene, wanted: list[Any], calls: Counter[str]
) -> None:
    begun = trial(_WHOLE, "SIGKILL at each write, sync, rename, unlink, link and new directory of the run")
    places = [(call, at) for call in CALLS for at in range(1, calls[call] + 1)]
    for number in sampled(range(len(places)), most=3):
        call, at = places[number]
        scene = scenes()
        failed = scene.run(before=injected(call, "signal=SIGKILL", at, scene.root / "log"))
        aftermath(begun, f"{call} {at}", scene, failed, wanted)


def test_a_run_that_is_killed_at_any_time(trial: Begin, scenes: NewScene, wanted: list[Any]) -> None:
    begun = trial(_WHOLE, "SIGKILL after a random time")
    chance = random.Random(26062021)  # noqa: S311 -- chance, not secrecy
    for _ in sampled(range(100), most=1):
        scene, seconds = scenes(), chance.uniform(0.3, 4)
        failed = scene.command(*scene.arguments, kill_after=seconds)
        aftermath(begun, f"{seconds:.3f} s", scene, failed, wanted)


def test_what_an_export_replaces_is_old_or_new(trial: Begin, tmp_path: Path, undisturbed: Scene) -> None:
    begun = trial(
        "An export that is killed leaves the old files or the new ones, never a mixture or nothing",
        "SIGKILL at each rename, write and sync of `store export`",
    )
    scene = undisturbed.copied(tmp_path / "first")
    target = scene.root / "export"
    arguments = ("store", "export", scene.url, "--to", str(target), "--contracts", str(scene.root / "contracts"))
    counts = counted(scene, *arguments)
    old = _files(target)
    places = [(call, at) for call in CALLS if call not in ("write", "pwrite64") for at in range(1, counts[call] + 1)]
    for number in sampled(range(len(places)), most=2):
        call, at = places[number]
        scene.command(*arguments, before=injected(call, "signal=SIGKILL", at, scene.root / "log"))
        left = _files(target)
        again = scene.here(*arguments)
        beside = {each.name for each in scene.root.iterdir() if each.name.startswith(".export")}
        begun.holds(
            f"{call} {at}", old_or_new=left.keys() == old.keys(), the_next_one_succeeds=again.code == 0,
            nothing_is_left_beside_it=not beside,
        )  # fmt: skip


def _files(folder: Path) -> dict[str, bytes]:
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
