"""Clock, locale, threads and company: none of them changes what a run does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from faulty_calls import needed
from scene import NewScene
from trials import PLACES, Trial

Begin = Callable[[str, str], Trial]
#: In March the hour from one to two does not exist in London; in October it is there twice.
_CLOCKS = ("-5y", "+50y", "@2026-03-29 00:59:58", "@2026-10-25 01:59:58", "@2021-06-26 00:00:00")
_PLACES: tuple[dict[str, str], ...] = (
    {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "1"},
    {"POLARS_MAX_THREADS": "8", "PYTHONHASHSEED": "2"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8"},
    {"TZ": "America/Los_Angeles", "LANG": "tr_TR.UTF-8"},
)


def test_the_clock_decides_nothing(trial: Begin, scenes: NewScene, wanted: list[Any]) -> None:
    begun = trial(
        "The clock may jump, be years off or change for summer time: the order of returns is that of the ledger",
        "`faketime`: 5 years back, 50 on, the two changes in London; a correction with the clock set back",
    )
    faketime = needed("faketime")
    for clock in begun.sampled(_CLOCKS, most=1):
        with begun.at(clock):
            scene = scenes()
            first = scene.run(before=(faketime, "-f", clock), TZ="Europe/London")
            content = scene.content()
            scene.correct()
            second = scene.run(before=(faketime, "-f", "-10y"), TZ="Europe/London")
            begun.holds(
                f"{clock} ({first.err[:200]}{second.err[:200]})",
                the_first_run_is_as_ever=first.code == 1 and content == wanted,
                the_correction_counts=scene.is_corrected(),
                the_reports_are_whole=scene.has_whole_reports(),
            )


def test_the_surroundings_change_nothing(trial: Begin, scenes: NewScene, wanted: list[Any]) -> None:
    begun = trial(
        "Locale, time zone, number of threads and seed of hashes change nothing in the store",
        "POSIX without UTF-8, C, Turkish; one and eight threads; two seeds; two time zones",
    )
    for place in begun.sampled(_PLACES, most=1):
        with begun.at(place):
            scene = scenes()
            done = scene.run(**place)
            begun.holds(
                f"{place} ({done.err[:200]})", it_ends_as_ever=done.code == 1,
                the_store_is_the_same=scene.content() == wanted, the_reports_are_whole=scene.has_whole_reports(),
            )  # fmt: skip


def test_of_runs_that_start_together_one_works(trial: Begin, scenes: NewScene, wanted: list[Any]) -> None:
    begun = trial(
        "Of runs that start together on one store one works and the others end with 75; with `--wait` all end well",
        "eight processes at once",
    )
    for more in ((), ("--wait", "240")):
        with begun.at(more):
            scene = scenes()
            line = [sys.executable, "-m", "probation_etl", *scene.arguments, *more]
            together = [
                subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
                for _ in range(8 if PLACES else 2)
            ]
            codes = sorted(each.wait(timeout=300) for each in together)
            words = {each.stderr.read().decode() for each in together if each.stderr}
            for each in together:
                if each.stderr:
                    each.stderr.close()
            begun.holds(
                f"{more} {codes} {words}",
                one_gives_the_verdict=codes.count(1) == 1,
                the_others_end_as_promised=set(codes) <= ({0, 1} if more else {0, 1, 75}),
                the_store_is_that_of_one_run=scene.content() == wanted,
                the_reports_are_whole=scene.has_whole_reports(),
            )
