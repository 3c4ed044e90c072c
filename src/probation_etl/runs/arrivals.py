"""The files of an inbox before anything is loaded: what each claims to be, and in what order they are taken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import inf
from pathlib import Path, PurePath
from typing import Literal, get_args

from probation_etl.discreet import Discreet
from probation_etl.errors import UsageError
from probation_etl.files import explained
from probation_etl.intake.claims import Claim
from probation_etl.intake.opened import claims_in
from probation_etl.runs.claims import Claims
from probation_etl.runs.inbox import depth_of, read_file, shown_name
from probation_etl.runs.session import RunSession
from probation_etl.stores import Attempt
from probation_etl.stores.matching import newest

#: What decides which of two files with the same claim is the newer one.
NewestBy = Literal["modified", "name"]
_Order = tuple[object, ...]


@dataclass(frozen=True)
class Arrival(Discreet):
    """A file of the inbox.

    Attributes:
        name: Its path relative to the inbox, as it is shown.
        is_new: Whether it has to be read: the ledger does not have it under this name, or not as these contracts see it.
    """

    path: Path
    name: str
    sha256: str
    is_new: bool


@dataclass
class Arrivals(Discreet):
    """The files of an inbox in the order in which they are taken, and what they claim to be."""

    files: list[Arrival] = field(default_factory=list)
    claims: Claims = field(default_factory=Claims)


def arrivals(session: RunSession, inbox: Path, paths: Sequence[Path], newest_by: NewestBy | None = None) -> Arrivals:
    """Looks at the files of an inbox, and reads those that are new as far as to know what they claim to be.

    Where files with different contents claim the same, no order of theirs is known, unless ``newest_by`` decides it: then
    they are taken after all others, the oldest first.

    Raises:
        UsageError: Nothing can be decided by that.
        EnvironmentFailure: A file cannot be read.
    """
    if newest_by not in (None, *get_args(NewestBy)):
        raise UsageError(f"newest_by is ‘{newest_by}’, expected one of {', '.join(get_args(NewestBy))}.")
    seen = [_look(session, inbox, path) for path in paths]
    new = [each for each in seen if each.is_new]
    claims, ranks = Claims(), dict[str, float]()
    # Nothing competes with a file that is alone: it is not read twice.
    for arrival in new if len(new) > 1 else ():
        data, sha256 = read_file(arrival.path, session.limits)
        claimed = claims_in(arrival.name, data, session.rulebook, session.limits) if data is not None else set()
        settled = _settled(session.known(sha256))
        claims.add(arrival.name, sha256, claimed - settled.keys())
        ranks[arrival.name] = min((settled[each] for each in claimed & settled.keys()), default=inf)
    late = _decided(claims, new, newest_by) if newest_by else {}
    contracts = session.rulebook.returns()
    ordinary = sorted(
        (each for each in seen if each.name not in late),
        # What came before and is seen in another way now keeps its order of arrival.
        key=lambda each: (depth_of(each.path.name, contracts), ranks.get(each.name, inf), each.path.as_posix()),
    )
    return Arrivals(
        [*ordinary, *sorted((each for each in seen if each.name in late), key=lambda each: late[each.name])], claims
    )


def _look(session: RunSession, inbox: Path, path: Path) -> Arrival:
    name = shown_name(path.relative_to(inbox))
    _, sha256 = read_file(path, session.limits)
    known = _seen_before(session.known(sha256), PurePath(name).name, session.record.contracts_digest)
    return Arrival(path, name, sha256, is_new=not known)


def _seen_before(entries: Iterable[Attempt], name: str, contracts_digest: str) -> bool:
    """Whether this content was validated under this name by the same contracts, so that nothing can have changed."""
    same = newest(each for each in entries if PurePath(each.file).name == name)
    return bool(same) and not any(each.contested or each.contracts_digest != contracts_digest for each in same)


def _settled(entries: Iterable[Attempt]) -> dict[Claim, int]:
    """What content claimed before and was not contested in the end, with its first place in the ledger."""
    last, first = dict[Claim, Attempt](), dict[Claim, int]()
    for each in entries:
        if each.claim:
            last[each.claim] = each
            first.setdefault(each.claim, each.sequence)
    return {claim: first[claim] for claim, each in last.items() if not each.contested}


def _decided(claims: Claims, files: Sequence[Arrival], newest_by: NewestBy) -> dict[str, _Order]:
    """The files whose order is decided, the oldest lowest; where two of a claim are equal, none of that claim is.

    Content that lies there more than once is as new as the newest of its files.
    """
    order = _ORDERS[newest_by]
    newest_of: dict[str, _Order] = {}
    for each in files:
        newest_of[each.sha256] = max(order(each), newest_of.get(each.sha256, ()))
    late: dict[str, _Order] = {}
    for claim, contents in claims.contested().items():
        if len({newest_of[each] for each in contents}) == len(contents):
            claims.decide(claim)
            late |= {each.name: (newest_of[each.sha256], each.name) for each in files if each.sha256 in contents}
    return late


def _by_modified(file: Arrival) -> _Order:
    with explained(f"The file {file.path} cannot be read", then="Nothing was loaded."):
        return (file.path.stat().st_mtime_ns,)


def _by_name(file: Arrival) -> _Order:
    """The name in natural order, then its folder: v9 before v10, a name before the same with more behind it."""
    path = PurePath(file.name)
    packed = path.suffix if path.suffix.casefold() in (".gz", ".zip") else ""
    plain = PurePath(path.name.removesuffix(packed))
    return _natural(plain.stem), _natural(plain.suffix + packed), _natural(path.parent.as_posix())


def _natural(text: str) -> tuple[object, ...]:
    """Numbers are compared as numbers; case, and what stands between words, decides nothing."""
    words = re.sub(r"[\s_.-]+", " ", unicodedata.normalize("NFKC", text).casefold())
    parts = re.split(r"(\d+)", words)
    return tuple(int(part) if at % 2 else part for at, part in enumerate(parts))


_ORDERS: dict[NewestBy, Callable[[Arrival], _Order]] = {"modified": _by_modified, "name": _by_name}
