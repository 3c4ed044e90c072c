"""A folder changes as a whole: whoever looks, and whoever comes after a crash, finds the old content or the new."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from probation_etl import folders
from probation_etl.files import write_file
from probation_etl.folders import held_folder, renewed_folder, replaced_folder

#: Writes folders anew, each in a process that ends without a further step at the Nth thing that it asks of the file
#: system, until one asks for no more than that.
_CRASHES = """
import os, sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from probation_etl import folders
way, place = getattr(folders, sys.argv[2]), Path(sys.argv[4])
if sys.argv[3] == "without":
    folders._exchanged = lambda *_: False

def fill(target, text, steps=None):
    def count(event, _):
        if event.startswith(("os.", "shutil.")) and event != "os.listdir":
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)
    left = [steps]
    with way(target) as draft:
        for name in ("a", "b"):
            (draft / name).write_text(text)
        if steps is not None:
            sys.addaudithook(count)

for moment in range(60):
    target = place / str(moment) / "out"
    fill(target, "old")
    (target.parent / "beside").write_text("kept")
    child = os.fork()
    if not child:
        fill(target, "new", moment)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""
SOURCE = Path(folders.__file__).parents[1]
Way = Callable[[Path], AbstractContextManager[Path]]
ways = pytest.mark.parametrize("way", [replaced_folder, renewed_folder])


def fill(way: Way, target: Path, text: str) -> None:
    with way(target) as draft:
        for name in ("a", "b"):
            write_file(draft / name, text)


def texts(folder: Path) -> dict[str, str]:
    return {each.name: each.read_text(encoding="utf-8") for each in folder.iterdir() if each.is_file()}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.fixture
def without_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system that cannot exchange two names."""
    monkeypatch.setattr(folders, "_exchanged", lambda *_: False)


@ways
def test_the_new_takes_the_place_of_the_old_and_nothing_is_left_beside_it(way: Way, tmp_path: Path) -> None:
    target = tmp_path / "deep" / "out"
    for text in ("1", "2"):
        fill(way, target, text)
        assert texts(target) == {"a": text, "b": text}
    assert [each.name for each in target.parent.iterdir()] == ["out"]
    assert (mode(target), mode(target / "a")) == (0o700, 0o600)


@ways
def test_when_it_fails_the_old_one_stays(way: Way, tmp_path: Path) -> None:
    fill(way, tmp_path / "out", "1")
    with suppress(KeyboardInterrupt), way(tmp_path / "out") as draft:
        (draft / "a").write_text("2", encoding="utf-8")
        raise KeyboardInterrupt
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            fill(way, tmp_path / "out", "x" * 5_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert texts(tmp_path / "out") == {"a": "1", "b": "1"}
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


@ways
def test_a_link_to_the_folder_leads_to_the_new_content(way: Way, tmp_path: Path) -> None:
    fill(way, tmp_path / "out", "1")
    (tmp_path / "link").symlink_to("out")
    fill(way, tmp_path / "link", "2")
    assert (tmp_path / "link").is_symlink()
    assert texts(tmp_path / "out") == {"a": "2", "b": "2"}


@ways
@pytest.mark.parametrize("exchange", ["with", "without"])
def test_a_crash_at_any_moment_leaves_whole_files_and_the_next_call_clears_up(
    way: Way, exchange: str, tmp_path: Path
) -> None:
    """Where names can be exchanged, the folder is old or new; else its files are, or it is where the next call finds it."""
    crashes = [sys.executable, "-SEc", _CRASHES, SOURCE, way.__name__, exchange, tmp_path]
    subprocess.run([str(each) for each in crashes], check=True, timeout=60)
    left = sorted(tmp_path.iterdir(), key=lambda path: int(path.name))
    assert 3 < len(left) < 60
    for target in (each / "out" for each in left):
        found = texts(target) if target.exists() else None
        if exchange == "with":
            assert found in ({"a": "old", "b": "old"}, {"a": "new", "b": "new"})
        elif found is not None:
            assert set(found) == {"a", "b"}
            assert set(found.values()) <= ({"old", "new"} if way is renewed_folder else {found["a"]})
        else:
            with suppress(KeyboardInterrupt), way(target):
                raise KeyboardInterrupt
            assert texts(target) == {"a": "old", "b": "old"}
        fill(way, target, "newest")
        assert texts(target) == {"a": "newest", "b": "newest"}
        assert sorted(each.name for each in target.parent.rglob("*")) == ["a", "b", "beside", "out"]
    assert found == {"a": "new", "b": "new"}


def test_whoever_holds_the_folder_sees_one_generation(tmp_path: Path) -> None:
    target, done, seen = tmp_path / "out", Event(), set[tuple[str, ...]]()
    fill(renewed_folder, target, "0")

    def look() -> None:
        while not done.is_set():
            with suppress(FileNotFoundError):  # the old folder is emptied once the new one is there
                held = os.open(target, os.O_RDONLY)
                try:
                    files = [os.open(name, os.O_RDONLY, dir_fd=held) for name in ("a", "b")]
                    seen.add(tuple(os.read(file, 9).decode() for file in files))
                    for file in files:
                        os.close(file)
                finally:
                    os.close(held)

    reader = Thread(target=look)
    reader.start()
    for number in range(100):
        fill(renewed_folder, target, str(number))
    done.set()
    reader.join()
    assert seen
    assert {len(set(each)) for each in seen} == {1}


class TestOtherFiles:
    @pytest.fixture
    def target(self, tmp_path: Path) -> Path:
        """A folder that others may read, with a file of somebody else."""
        target = tmp_path / "out"
        fill(renewed_folder, target, "1")
        (target / "notes.txt").write_text("mine", encoding="utf-8")
        target.chmod(0o755)
        (target / "a").chmod(0o644)
        return target

    def check(self, target: Path) -> None:
        assert texts(target) == {"a": "2", "b": "2", "notes.txt": "mine"}
        assert [mode(target / name) for name in (".", "a", "b")] == [0o755, 0o644, 0o600]
        assert [each.name for each in target.parent.iterdir() if each.name.startswith(".")] == []

    def test_they_stay_and_so_does_who_may_read(self, target: Path) -> None:
        fill(renewed_folder, target, "2")
        self.check(target)

    @pytest.mark.usefixtures("without_exchange")
    def test_where_names_cannot_be_exchanged_too(self, target: Path) -> None:
        fill(renewed_folder, target, "2")
        self.check(target)

    def test_where_the_folder_around_may_not_be_written_too(
        self, target: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        fill(renewed_folder, target, "2")
        self.check(target)

    def test_what_comes_late_is_not_lost(self, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        exchange = folders._exchanged

        def late(one: Path, other: Path) -> bool:
            (other / "late.txt").write_text("late", encoding="utf-8")
            return exchange(one, other)

        monkeypatch.setattr(folders, "_exchanged", late)
        fill(renewed_folder, target, "2")
        assert (target / "late.txt").read_text(encoding="utf-8") == "late"

    def test_a_folder_among_them_is_never_moved(self, target: Path) -> None:
        (target / "folder").mkdir()
        before = target.stat().st_ino
        fill(renewed_folder, target, "2")
        assert target.stat().st_ino == before
        assert (target / "a").read_text(encoding="utf-8") == "2"


def test_a_folder_in_use_is_not_taken_for_left_over(tmp_path: Path) -> None:
    (tmp_path / "x-left").mkdir()
    (tmp_path / "x-file").touch()
    with held_folder(tmp_path, "x-") as one, held_folder(tmp_path, "x-") as other:
        assert one.is_dir()
        assert other.is_dir()
        assert not (tmp_path / "x-left").exists()
        assert mode(one) == 0o700
    assert [each.name for each in tmp_path.iterdir()] == ["x-file"]


@pytest.mark.usefixtures("without_exchange")
def test_what_died_between_its_two_renames_comes_back_first(tmp_path: Path) -> None:
    fill(replaced_folder, tmp_path / "out", "1")
    fill(replaced_folder, tmp_path / "out", "2")
    (tmp_path / "out").rename(tmp_path / f".out{folders._OLD}")
    with suppress(KeyboardInterrupt), replaced_folder(tmp_path / "out"):
        raise KeyboardInterrupt
    assert texts(tmp_path / "out") == {"a": "2", "b": "2"}
