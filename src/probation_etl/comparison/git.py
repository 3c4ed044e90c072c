"""Contracts as a revision of a git repository has them, read by the program ``git``."""

from __future__ import annotations

import posixpath
import shutil
import subprocess
import tarfile
from pathlib import Path

from probation_etl.contracts.odcs import REFERENCE
from probation_etl.contracts.odcs.reading import SUFFIX
from probation_etl.errors import EnvironmentFailure, UsageError

#: Seconds after which git is taken for stuck, and the largest file that is taken from it.
_PATIENCE, _LARGEST = 60, 1 << 28


def path_in_repository(path: Path) -> str:
    """The path of a file or folder from the top of its repository.

    Raises:
        UsageError: It is in none.
        EnvironmentFailure: There is no git.
    """
    folder = path if path.is_dir() else path.parent
    prefix = _asked(folder, "rev-parse", "--show-prefix")
    if prefix is None:
        raise UsageError(f"{path} is in no git repository that can be read: a revision of it cannot be compared.")
    return posixpath.normpath(posixpath.join(prefix.rstrip("\n"), "." if path.is_dir() else path.name))


def revision(rev: str, path: str, within: Path, to: Path) -> Path:
    """Writes the contracts of a revision into a folder.

    Args:
        rev: The revision, such as a tag, a branch or a commit.
        path: A contract, or a folder of contracts, from the top of the repository.
        within: A folder of the repository.
        to: An empty folder.

    Returns:
        The contract, or the folder, there.

    Raises:
        UsageError: There is no such revision, or it has no such path.
        EnvironmentFailure: There is no git, or it fails.
    """
    commit = None if rev.startswith("-") else _asked(within, "rev-parse", "--verify", "--quiet", f"{rev}^{{commit}}")
    if commit is None:
        raise UsageError(f"There is no revision ‘{rev}’ in a git repository at {within.resolve()}.")
    commit, path = commit.strip(), "" if path in (".", "./") else posixpath.normpath(path)
    kind = _asked(within, "cat-file", "-t", f"{commit}:{path}")
    if kind is None:
        raise UsageError(f"The revision ‘{rev}’ has no ‘{path}’.")
    if kind.strip() == "tree":
        _extract(within, f"{commit}:{path}", to)
        return to
    folder = posixpath.dirname(path)
    above = posixpath.dirname(folder)
    has_tables = folder and _asked(within, "cat-file", "-t", f"{commit}:{posixpath.join(above, REFERENCE)}")
    root = above if has_tables else folder
    _extract(within, f"{commit}:{root}", to)
    return to / posixpath.relpath(path, root or ".")


def _asked(folder: Path, *arguments: str) -> str | None:
    """What git says; None where it says that there is no such thing."""
    try:
        done = subprocess.run(  # noqa: S603 -- arguments of our own, and names of objects that git itself resolves
            [_git(), "--no-optional-locks", "-C", str(folder), *arguments],
            capture_output=True, timeout=_PATIENCE, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        raise EnvironmentFailure("git could not be run, or did not answer within a minute.") from None
    return done.stdout.decode("utf-8", errors="surrogateescape") if done.returncode == 0 else None


def _git() -> str:
    found = shutil.which("git")
    if found is None:
        raise EnvironmentFailure(
            "The program git was not found, which reads revisions. Install it, or compare files or folders instead."
        )
    return found


def _extract(within: Path, tree: str, to: Path) -> None:
    """Writes contracts and reference tables of a tree, and nothing else of it."""
    # Below the top of its repository, git would take its own folder out of the tree.
    top = _asked(within, "rev-parse", "--show-toplevel")
    command = [
        _git(),
        "--no-optional-locks",
        "-C",
        top.rstrip("\n") if top else str(within),
        "archive",
        "--format=tar",
        tree,
    ]
    try:
        with (
            subprocess.Popen(  # noqa: S603 -- as above
                command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
            ) as run,
            tarfile.open(fileobj=run.stdout, mode="r|") as archive,
        ):
            for each in archive:
                if _is_ours(each):
                    archive.extract(each, to, filter="data")
        failed = run.returncode != 0
    except (OSError, tarfile.TarError):
        failed = True
    if failed:
        raise EnvironmentFailure(f"git could not read ‘{tree.partition(':')[2] or 'the folder'}’ of the revision.")


def _is_ours(member: tarfile.TarInfo) -> bool:
    in_tables = posixpath.basename(posixpath.dirname(member.name)) == REFERENCE and member.name.endswith(".csv")
    return member.isfile() and member.size <= _LARGEST and (member.name.endswith(SUFFIX) or in_tables)
