"""A disk that is full, or that fails: the run ends with 3, what it says is true, and it works again when the disk does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from faulty_calls import errors
from scene import NewScene, aftermath, is_true
from trials import Trial

Begin = Callable[[str, str], Trial]


@pytest.mark.parametrize(
    ("error", "what"), [("ENOSPC", "A full disk"), ("EIO", "An error of the disk")], ids=["full", "failing"]
)
def test_a_run_on_a_bad_disk_says_what_holds(
    error: str, what: str, trial: Begin, scenes: NewScene, wanted: list[Any], calls: Counter[str]
) -> None:
    begun = trial(
        f"{what} ends a run with 3; what it says of the store is true, and the next run finishes the job",
        f"{error} at each write, sync, rename, link and new directory of the run, and from each sync on",
    )
    for fault in begun.sampled(errors(calls, error), most=2):
        with begun.at(fault):
            scene = scenes()
            failed = scene.run(before=fault.before(scene.root / "log"))
            runs = scene.runs()
            aftermath(
                begun, fault, scene, failed, wanted, it_ended_with_3_or_was_whole=is_true(failed, loaded=runs == 1)
            )


def test_a_full_standard_output_keeps_verdict_and_reports(trial: Begin, scenes: NewScene, wanted: list[Any]) -> None:
    begun = trial("A full standard output ends a run with 3 and loses no verdict", "`> /dev/full`")
    scene = scenes()
    shell = ("/bin/sh", "-c", 'exec "$@" > /dev/full', "sh")
    failed = scene.run(before=shell)
    shown = (scene.reports / "latest" / "index.html").exists()
    aftermath(begun, "/dev/full", scene, failed, wanted, it_ended_with_3=failed.code == 3, its_reports_are_there=shown)


def test_a_small_disk(trial: Begin, scenes: NewScene, wanted: list[Any], mounted: Callable[[Path, int], bool]) -> None:
    begun = trial(
        "A disk that fills up under the store, the reports or the temporary files is as any other full disk",
        "tmpfs of several sizes in the place of each",
    )
    for name in ("reports", "temporary", "data"):
        for kilobytes in begun.sampled((64, 256, 1_024, 2_048, 4_096), most=1):
            with begun.at(f"{name} of {kilobytes} kB"):
                scene = scenes()
                scene = replace(scene, address=f"duckdb:///{scene.root / 'data' / 'store.duckdb'}")
                for folder in ("reports", "temporary", "data"):
                    (scene.root / folder).mkdir(exist_ok=True)
                assert mounted(scene.root / name, kilobytes)
                failed = scene.run()
                runs = scene.runs()
                assert mounted(scene.root / name, 0)
                aftermath(
                    begun, f"{name} of {kilobytes} kB", scene, failed, wanted,
                    it_ended_with_3_or_was_whole=is_true(failed, loaded=runs == 1),
                )  # fmt: skip
