"""Commands besides ``run`` that are killed or meet a bad disk: what they change is as it was or new."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import pytest
from faulty_calls import CALLS, Fault, counted, errors, kills
from scene import Scene, is_true
from trials import PLACES, Trial

Begin = Callable[[str, str], Trial]
Made = dict[str, bytes]
_NAMES = {"export": "store export", "tracker": "tracker"}
#: Libraries wake their own threads by writing to no file, which no disk makes fail; what they do then is not told of here.
_TO_FILES_ALONE = tuple(each for each in CALLS if each != "write")
#: What `make test` has time for, of the hundreds that there are.
_FEW = {
    "withdraw": Fault("fdatasync", "signal=SIGKILL", "2"),
    "purge": Fault("pwrite64", "error=ENOSPC", "4+"),
    "tracker": Fault("renameat2", "signal=SIGKILL", "1"),
    "export": Fault("fsync", "error=EIO", "9"),
}


def _withdraw(scene: Scene) -> tuple[object, ...]:
    ((return_id,),) = scene.rows("SELECT return_id FROM ledger.returns WHERE file LIKE 'A%'")
    return ("store", "withdraw", scene.url, return_id, "--reason", "a trial", "--reports", scene.reports)


def _purge(scene: Scene) -> tuple[object, ...]:
    return ("store", "purge", scene.url, "--reason", "a trial", "--on", "2030-01-01", "--reports", scene.reports)


def _faults(
    trial: Trial, command: str, scene: Scene, arguments: tuple[object, ...], of: Collection[str] = CALLS
) -> list[Fault]:
    """Where the command goes wrong; calls fail where they are among these. It is given once, without a fault."""
    if not PLACES:
        assert scene.here(*arguments).code == 0
        return [_FEW[command]]
    counts = counted(scene, *arguments)
    kinds = kills(counts), errors(counts, "ENOSPC", of=of), errors(counts, "EIO", of=of)
    return [each for kind in kinds for each in trial.sampled(kind, most=1)]


@pytest.mark.parametrize("command", ["withdraw", "purge"])
def test_a_store_is_changed_as_a_whole_or_not_at_all(
    command: str, trial: Begin, undisturbed: Scene, tmp_path: Path
) -> None:
    begun = trial(
        f"`store {command}` on a bad disk, or killed, does all or nothing; what it says is true, and a run finishes it",
        "SIGKILL, ENOSPC and EIO at each write, sync, rename, unlink, link and new directory",
    )
    given, table = (_withdraw, "decisions") if command == "withdraw" else (_purge, "purges")
    whole = undisturbed.copied(tmp_path / "whole")
    whole.clear()
    assert whole.in_ledger(table) == 0
    faults = _faults(begun, command, whole, (*given(whole), *whole.contracts))
    wanted = whole.content()
    for number, fault in enumerate(faults):
        scene = undisturbed.copied(tmp_path / f"scene{number}")
        scene.clear()
        with begun.at(fault):
            arguments = (*given(scene), *scene.contracts)
            failed = scene.command(*arguments, before=fault.before(scene.root / "log"))
            done = bool(scene.in_ledger(table))
            finished = scene.here(*scene.arguments)
            again = None if done else scene.here(*arguments)
            last, verified = scene.here(*scene.arguments), scene.here("store", "verify", scene.url, *scene.contracts)
            begun.holds(
                f"{fault} (ended {failed.code}: {' '.join(failed.err.split())[:200]})",
                what_it_said_was_true=failed.code == -9 or is_true(failed, loaded=done),
                the_next_run_went_well=finished.code == 0,
                it_can_be_given_again=again is None or again.code == 0,
                the_store_is_that_of_a_command_without_a_fault=scene.content() == wanted,
                every_invariant_holds=verified.code == 0,
                the_reports_are_whole=scene.has_whole_reports(),
                nothing_more_is_to_be_done=last.code == 0,
            )
        if PLACES:
            shutil.rmtree(scene.root)


@pytest.fixture
def empty(tmp_path: Path) -> Scene:
    """A store of the shipped contracts, which alone have a tracker; and an earlier tracker."""
    scene = Scene(tmp_path / "empty")
    scene.inbox.mkdir()
    assert scene.here("run", scene.inbox, "--store", scene.url, "--reports", scene.reports).code == 0
    return scene


def _given(command: str, scene: Scene, target: Path) -> tuple[tuple[object, ...], Made, Made]:
    """What writes to a folder, which it did twice; what an earlier one left there, and what a new one leaves."""
    if command == "tracker":
        arguments: tuple[object, ...] = ("tracker", "--store", scene.url, "-o", target)
        assert scene.here(*arguments).code == 0
        new = _made(target)
        return arguments, dict.fromkeys(new, b"old"), new
    arguments = ("store", "export", scene.url, "--to", target, *scene.contracts)
    assert scene.here(*arguments).code == 0
    old = _made(target)
    scene.correct()
    scene.here(*scene.arguments)
    assert scene.here(*arguments).code == 0
    new = _made(target)
    assert sum(new[name] != old[name] for name in new) > 1
    return arguments, old, new


def test_a_tracker_is_replaced_in_one_step(trial: Begin, empty: Scene) -> None:
    _replaced("tracker", trial, empty)


def test_an_export_is_replaced_in_one_step(trial: Begin, undisturbed: Scene, tmp_path: Path) -> None:
    _replaced("export", trial, undisturbed.copied(tmp_path / "scene"))


@pytest.mark.parametrize("command", ["export", "tracker"])
def test_a_disk_that_fills_up_leaves_what_was_there(
    command: str, trial: Begin, undisturbed: Scene, empty: Scene, tmp_path: Path, mounted: Callable[[Path, int], bool]
) -> None:
    begun = trial(
        f"`{_NAMES[command]}` on a full disk ends with 3 and leaves all the old files",
        "tmpfs of several sizes below the folder",
    )
    scene = empty if command == "tracker" else undisturbed.copied(tmp_path / "scene")
    disk = scene.root / "disk"
    disk.mkdir()
    assert mounted(disk, 0)
    arguments, old, new = _given(command, scene, disk / "out")
    for eighths in begun.sampled(range(1, 8), most=1):
        kilobytes = 4 * (_pages(old) + _pages(new) * eighths // 8)
        with begun.at(f"{kilobytes} kB"):
            _put_back(old, disk / "out")
            assert mounted(disk, kilobytes)
            failed = scene.here(*arguments)
            left, beside = _made(disk / "out"), [each.name for each in disk.iterdir()]
            assert mounted(disk, 0)
            again = scene.here(*arguments)
            begun.holds(
                f"{kilobytes} kB ({failed.code}: {' '.join(failed.err.split())[:200]})",
                it_ended_with_3=failed.code == 3,
                all_are_old=left == old,
                nothing_is_left_beside_them=beside == ["out"],
                the_next_one_succeeds=again.code == 0 and _made(disk / "out") == new,
            )


def _replaced(command: str, trial: Begin, scene: Scene) -> None:
    """The command goes wrong where there is an earlier result of it."""
    begun = trial(
        f"`{_NAMES[command]}` on a bad disk, or killed, leaves all the old files or all the new ones, and the next one succeeds",
        "SIGKILL at each write, sync, rename, unlink, link and new directory; ENOSPC and EIO at each but plain writes",
    )
    target = scene.root / "out"
    arguments, old, new = _given(command, scene, target)
    for fault in _faults(begun, command, scene, arguments, _TO_FILES_ALONE):
        with begun.at(fault):
            _put_back(old, target)
            failed = scene.command(*arguments, before=fault.before(scene.root / "log"))
            left = _made(target)
            again = scene.here(*arguments)
            begun.holds(
                f"{fault} (ended {failed.code}: {' '.join(failed.err.split())[:200]})",
                it_ended_with_3_or_was_whole=failed.code in (-9, 3) or (failed.code == 0 and left == new),
                all_are_old_or_all_are_new=left in (old, new),
                the_next_one_succeeds=again.code == 0 and _made(target) == new,
                nothing_is_left_beside_them=not [each for each in scene.root.iterdir() if each.name.startswith(".")],
                nothing_is_left_of_temporary_files=not list((scene.root / "temporary").iterdir()),
            )


def _put_back(files: Made, folder: Path) -> None:
    for path, content in files.items():
        (folder / path).write_bytes(content)


def _pages(files: Made) -> int:
    """How many pages of 4 kB they take."""
    return sum(-(-len(each) // 4096) for each in files.values())


def _made(folder: Path) -> Made:
    """Every file below the folder; none where it is not there."""
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
