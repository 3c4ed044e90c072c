"""In what order files are taken: those that others refer to first, and of several of one return the oldest first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, get_args

from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.rulebook import refers
from probation_etl.errors import UsageError
from probation_etl.intake.file_names import fitting

if TYPE_CHECKING:
    from probation_etl.runs.looking import Arrival

#: What decides which of two files with the same claim is the newer one.
NewestBy = Literal["modified", "name"]
Order = tuple[object, ...]


def depths(names: Iterable[str], contracts: Iterable[ReturnContract]) -> dict[str, int]:
    """The order of files by their names: 0 if others may refer to its rows, 1 if it refers to rows of others, 2 if it is not known."""
    found = fitting(names, contracts)
    return {name: min((int(refers(each)) for each in those), default=2) for name, those in found.items()}


def check_newest_by(newest_by: str | None) -> None:
    """Refuses what decides nothing.

    Raises:
        UsageError: Nothing can be decided by that.
    """
    if newest_by not in (None, *get_args(NewestBy)):
        raise UsageError(f"newest_by is ‘{newest_by}’, expected one of {', '.join(get_args(NewestBy))}.")


def order_by(newest_by: NewestBy) -> Callable[[Arrival], Order]:
    """What tells the older of two files from the newer one."""
    return _ORDERS[newest_by]


def _by_modified(file: Arrival) -> Order:
    return (file.stamp.modified,)


def _by_name(file: Arrival) -> Order:
    """The name in natural order, then its folder: v9 before v10, a name before the same with more behind it."""
    path = PurePath(file.given)
    packed = path.suffix if path.suffix.casefold() in (".gz", ".zip") else ""
    plain = PurePath(path.name.removesuffix(packed))
    return _natural(plain.stem), _natural(plain.suffix + packed), _natural(path.parent.as_posix())


def _natural(text: str) -> tuple[object, ...]:
    """Numbers are compared as numbers; case, and what stands between words, decides nothing."""
    words = re.sub(r"[\s_.-]+", " ", unicodedata.normalize("NFKC", text).casefold())
    parts = re.split(r"(\d+)", words)
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts))


_ORDERS: dict[NewestBy, Callable[[Arrival], Order]] = {"modified": _by_modified, "name": _by_name}
