"""A command that is killed at any moment leaves the old state or the new one, and the next one finishes the job."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

from faulty_calls import kills
from scene import NewScene, aftermath
from trials import Trial

Begin = Callable[[str, str], Trial]
_WHOLE = "A run that is killed leaves all or nothing, and the next one finishes the job and gives its verdict"


def test_a_run_that_is_killed_at_a_system_call(
    trial: Begin, scenes: NewScene, wanted: list[Any], calls: Counter[str]
) -> None:
    begun = trial(_WHOLE, "SIGKILL at each write, sync, rename, unlink, link and new directory of the run")
    for fault in begun.sampled(kills(calls), most=2):
        with begun.at(fault):
            scene = scenes()
            failed = scene.run(before=fault.before(scene.root / "log"))
            aftermath(begun, fault, scene, failed, wanted)


def test_a_run_that_is_killed_at_any_time(trial: Begin, scenes: NewScene, wanted: list[Any]) -> None:
    begun = trial(_WHOLE, "SIGKILL after a random time")
    chance = random.Random(26062021)  # noqa: S311 -- chance, not secrecy
    for _ in begun.sampled(range(100), most=1):
        with begun.at("some time"):
            scene, seconds = scenes(), chance.uniform(0.3, 4)
            failed = scene.command(*scene.arguments, kill_after=seconds)
            aftermath(begun, f"{seconds:.3f} s", scene, failed, wanted)
