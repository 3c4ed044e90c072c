"""A file or folder is there whole, or what was there before still is; and nobody but its owner reads it."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from probation_etl.cli.output import emit
from probation_etl.errors import EnvironmentFailure, StoreError, UsageError
from probation_etl.files import explained, filled_folder, make_folder, write_file


@contextmanager
def room(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    """The usual one, under which everybody could read what a program writes without a thought."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


class TestFiles:
    def test_a_new_file_is_private_from_its_first_byte(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: list[int] = []
        monkeypatch.setattr(Path, "chmod", lambda path, _: seen.append(mode(path)))
        write_file(tmp_path / "a", "x")
        assert seen == [0o600]
        assert mode(tmp_path / "a") == 0o600

    @pytest.mark.parametrize("earlier", [None, "what was there\n"])
    def test_on_a_full_disk_what_was_there_stays_as_it_was(self, tmp_path: Path, earlier: str | None) -> None:
        path = tmp_path / "findings.csv"
        if earlier is not None:
            path.write_text(earlier, encoding="utf-8")
        with room(1_000), pytest.raises(EnvironmentFailure, match="cannot be written: File too large"):
            emit("x" * 5_000, path)
        assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ([earlier] if earlier else [])

    def test_a_file_keeps_who_may_read_it_and_a_link_leads_where_it_led(self, tmp_path: Path) -> None:
        path, link = tmp_path / "findings.csv", tmp_path / "latest.csv"
        path.write_text("what was there", encoding="utf-8")
        path.chmod(0o640)
        link.symlink_to(path.name)
        emit("new", link)
        assert link.is_symlink()
        assert path.read_text(encoding="utf-8") == "new\n"
        assert path.stat().st_mode & 0o777 == 0o640
        assert sorted(each.name for each in tmp_path.iterdir()) == ["findings.csv", "latest.csv"]

    def test_a_draft_that_somebody_put_there_is_not_written_through(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_text("kept", encoding="utf-8")
        (tmp_path / ".a.part").symlink_to("victim")
        write_file(tmp_path / "a", "new")
        assert (tmp_path / "victim").read_text(encoding="utf-8") == "kept"
        assert (tmp_path / "a").read_text(encoding="utf-8") == "new"

    def test_a_pipe_is_written_to_and_not_replaced(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        read: list[str] = []
        reader = Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
        reader.start()
        emit("new", pipe)
        reader.join(timeout=10)
        assert read == ["new\n"]
        assert pipe.is_fifo()

    def test_a_directory_is_not_a_file(self, tmp_path: Path) -> None:
        with pytest.raises(EnvironmentFailure, match="cannot be written: Is a directory"):
            emit("new", tmp_path)

    def test_half_of_a_pair_of_utf_16_becomes_a_question_mark(self, tmp_path: Path) -> None:
        write_file(tmp_path / "a", "x\ud83dy")
        assert (tmp_path / "a").read_bytes() == b"x?y"


class TestErrors:
    def test_the_reason_is_that_of_the_system(self) -> None:
        with pytest.raises(StoreError) as caught, explained("It cannot be made", then="Nothing.", error=StoreError):
            raise PermissionError(13, "Permission denied", "/a/path")
        assert str(caught.value) == "It cannot be made: Permission denied. Nothing."

    def test_an_error_without_a_reason_of_the_system_gives_its_own_words(self) -> None:
        with pytest.raises(EnvironmentFailure, match=r"^It failed: out of order\.$"), explained("It failed"):
            raise OSError("out of order")


class TestFoldersToFill:
    def test_every_folder_that_is_made_is_private(self, tmp_path: Path) -> None:
        make_folder(tmp_path / "a" / "b" / "c")
        assert {mode(path) for path in tmp_path.rglob("*")} == {0o700}

    def test_it_has_everything_or_nothing(self, tmp_path: Path) -> None:
        with filled_folder(tmp_path / "a" / "b") as draft:
            (draft / "inbox").mkdir()
            (draft / "inbox" / "x").write_text("x")
            (draft / "README.txt").write_text("x")
            assert [each.name for each in (tmp_path / "a" / "b").iterdir()] == [draft.name]
            assert draft.name.startswith(".")
        assert {each.name for each in (tmp_path / "a" / "b").iterdir()} == {"inbox", "README.txt"}

    def interrupted_after_writing(self, draft: Path) -> None:
        (draft / "x").write_text("x")
        raise KeyboardInterrupt

    @pytest.mark.parametrize("there", [True, False])
    def test_nothing_stays_when_it_is_interrupted(self, tmp_path: Path, there: bool) -> None:
        target = tmp_path / "a"
        if there:
            target.mkdir()
        with pytest.raises(KeyboardInterrupt), filled_folder(target) as draft:
            self.interrupted_after_writing(draft)
        assert target.exists() == there
        assert not there or list(target.iterdir()) == []

    def test_what_a_killed_attempt_left_is_cleared(self, tmp_path: Path) -> None:
        with filled_folder(tmp_path / "probe") as draft:
            name = draft.name
        (tmp_path / "a" / name).mkdir(parents=True)
        (tmp_path / "a" / name / "old").write_text("x")
        with filled_folder(tmp_path / "a") as draft:
            (draft / "new").write_text("x")
        assert [each.name for each in (tmp_path / "a").iterdir()] == ["new"]

    def test_a_directory_that_holds_something_and_a_file_are_refused_untouched(self, tmp_path: Path) -> None:
        (tmp_path / "kept").write_text("x")
        with pytest.raises(UsageError, match="not empty: name another one, or empty it first"), filled_folder(tmp_path):
            pytest.fail("it was entered")
        with pytest.raises(UsageError, match="is a file"), filled_folder(tmp_path / "kept"):
            pytest.fail("it was entered")
        assert [each.name for each in tmp_path.iterdir()] == ["kept"]

    def test_a_place_that_cannot_be_written_is_not_reported_as_a_bug(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        failed = "The directory cannot be written"
        with pytest.raises(EnvironmentFailure, match=failed), explained(failed), filled_folder(tmp_path / "file" / "a"):
            pytest.fail("it was entered")
