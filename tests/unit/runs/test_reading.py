"""Files of an inbox are listed and read: regular files inside it alone, whatever takes their place meanwhile."""

from __future__ import annotations

import hashlib
import os
import socket
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import DEFAULT_LIMITS, Limits
from probation_etl.runs.inbox import hashed, read_file
from probation_etl.runs.listing import Listing, listing

SECRET = b"what nobody sent"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "folder").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.csv").write_bytes(SECRET)
    return tmp_path / "inbox"


def test_every_entry_is_a_file_or_is_left_for_a_reason(inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(b"a")
    (inbox / "link.csv").symlink_to(inbox.parent / "elsewhere" / "a.csv")
    (inbox / "links").symlink_to(inbox.parent / "elsewhere")
    os.mkfifo(inbox / "folder" / "pipe.csv")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind(os.path.relpath(inbox / "s"))
    for name in (".hidden.csv", "b.csv.PART", "~$book.xlsx"):
        (inbox / name).write_bytes(b"a")
    found = listing(inbox)
    assert [found.shown(path) for path in found.files] == ["a.csv"]
    assert {each.file: each.why for each in found.left} == {
        ".hidden.csv": "hidden", "b.csv.PART": "still being written", "folder/pipe.csv": "a pipe", "link.csv": "a link",
        "links": "a link", "s": "a socket", "~$book.xlsx": "a lock of a spreadsheet program",
    }  # fmt: skip


@pytest.mark.parametrize("name", [b"-rf", b"a\nb.csv", b"x" * 251 + b".csv", b"\xff\xfe.csv", b" ", b"a;b.csv", b"con"])
def test_any_name_can_be_read(inbox: Path, name: bytes) -> None:
    Path(os.fsdecode(os.fsencode(inbox) + b"/folder/" + name)).write_bytes(b"a")
    found = listing(inbox)
    (path,) = found.files
    assert read_file(found, path, DEFAULT_LIMITS).data == b"a"
    assert found.shown(path).isprintable()


def test_a_file_in_the_deepest_folder_can_be_read(inbox: Path) -> None:
    deepest = inbox.joinpath(*(["f"] * 200))
    deepest.mkdir(parents=True)
    (deepest / "a.csv").write_bytes(b"a")
    found = listing(inbox)
    assert [read_file(found, path, DEFAULT_LIMITS).data for path in found.files] == [b"a"]


def a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parents[2] / "elsewhere" / "a.csv")


def a_link_for_its_folder(path: Path) -> None:
    path.parent.rename(path.parents[1] / "moved")
    path.parent.symlink_to(path.parents[2] / "elsewhere")


def a_hard_link(path: Path) -> None:
    path.unlink()
    os.link(path.parents[2] / "elsewhere" / "a.csv", path)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def nothing(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("put", [a_link, a_link_for_its_folder, a_hard_link, a_pipe, a_folder, nothing])
def test_what_takes_the_place_of_a_file_is_not_read(inbox: Path, put: Callable[[Path], None]) -> None:
    path = inbox / "folder" / "a.csv"
    path.write_bytes(b"a")
    found = listing(inbox)
    put(path)
    for read in (lambda: read_file(found, path, DEFAULT_LIMITS), lambda: hashed(found, path)):
        with pytest.raises(UnreadableFile) as refused:
            read()
        assert refused.value.code == ("linked-file" if put is a_hard_link else "inaccessible-file")


def test_names_within_the_inbox_are_no_reason_to_refuse_a_file(inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(b"a")
    os.link(inbox / "a.csv", inbox / "folder" / ".a.csv.uploading")
    assert contents(listing(inbox)) == [b"a"]
    os.link(inbox / "a.csv", inbox.parent / "elsewhere" / "b.csv")
    with pytest.raises(UnreadableFile):
        contents(listing(inbox))


def contents(found: Listing) -> list[bytes | None]:
    return [read_file(found, path, DEFAULT_LIMITS).data for path in found.files]


def test_of_a_file_above_the_limit_only_the_hash_is_taken(inbox: Path) -> None:
    (inbox / "a.csv").write_bytes(b"abc")
    found = listing(inbox)
    (path,) = found.files
    assert read_file(found, path, Limits(file_bytes=3)).data == b"abc"
    large = read_file(found, path, Limits(file_bytes=2))
    assert (large.data, large.sha256) == (None, hashed(found, path).sha256)


@pytest.mark.parametrize("before", [b"", b"a,b\n1,2\n"], ids=["alone", "below others"])
def test_a_file_with_a_line_that_no_table_has_is_not_read_into_memory(before: bytes, tmp_path: Path) -> None:
    """A cell of 450 MB took 600 MB."""
    path = tmp_path / "a.csv"
    content = before + b"x" * 40_000_000
    path.write_bytes(content)
    wanted = hashlib.sha256(content).hexdigest()
    del content
    tracemalloc.start()
    found = read_file(listing(tmp_path), path, DEFAULT_LIMITS)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (found.data, found.sha256) == (None, wanted)
    assert f"a line of more than 10,000,000 bytes, which begins at byte {len(before) + 1}" in found.refused
    assert most < 3_000_000
