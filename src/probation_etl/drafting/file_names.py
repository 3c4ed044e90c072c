"""What the names of files have in common: who sends them, for which period, and what they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from probation_etl.contracts.forms import ISO
from probation_etl.discreet import Discreet
from probation_etl.drafting.evidence import plural
from probation_etl.drafting.headers import snake_case
from probation_etl.drafting.patterns import code_pattern
from probation_etl.intake.file_names import is_unnamed, without_packing
from probation_etl.intake.parse import read_date

_DAY, _OTHER_DAY = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{6,8}|\d{1,2}[.-]\d{1,2}[.-]\d{2,4}")
#: Stands for the day while a name is taken apart: no name has it.
_END = "\0"
_PARTED = re.compile(r"([_\-. ()]+)")
_CODE = re.compile(r"[A-Z]{1,6}[0-9]{0,4}|[A-Z][A-Z0-9]{1,9}")
_GROUPS = {"period_end": r"(?P<period_end>\d{4}-\d{2}-\d{2})", "supplier_code": "(?P<supplier_code>{})"}


@dataclass(frozen=True)
class FileNames(Discreet):
    """What names of files tell.

    Attributes:
        pattern: The pattern of the contract; None where they have nothing in common.
        subject: The words that all have, in small letters with underscores.
        said: ``supplier_code`` and ``period_end``, by the name of each file that tells them.
        told: What speaks for the pattern.
        asked: What could not be told, of the ``supplier``, the ``period`` and the ``form`` of the names.
    """

    pattern: str | None = None
    subject: str = ""
    said: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    told: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)

    @property
    def questions(self) -> tuple[str, ...]:
        """What could not be told."""
        return tuple(self.asked.values())

    def end_of(self, name: str) -> date | None:
        """The end of the period of a file."""
        return read_date(self.said.get(name, {}).get("period_end"), ISO)


def compared(names: Sequence[str]) -> FileNames:
    """Compares the names of files."""
    if all(map(is_unnamed, names)):
        return FileNames(asked={"form": "How are files of this return named?"})
    plain = [without_packing(name) for name in names]
    stems = [name.rpartition(".")[0] or name for name in plain]
    endings = sorted({name.rpartition(".")[2].lower() for name in plain if "." in name})
    days = [_DAY.findall(stem) for stem in stems]
    dated = all(len(each) == 1 and read_date(each[0], ISO) for each in days)
    marked = [_DAY.sub(_END, stem) for stem in stems] if dated else stems
    parts = [_PARTED.split(stem) for stem in marked]
    if len({len(each) for each in parts}) != 1:
        return FileNames(
            None,
            _words(parts[0]),
            asked={"form": "How are files of this return named? These names are of several forms."},
        )
    place = _supplier(parts)
    pattern = "".join(_piece([each[at] for each in parts], at == place) for at in range(len(parts[0])))
    ending = endings[0] if len(endings) == 1 else f"({'|'.join(endings)})"
    said = {
        name: {
            **({"supplier_code": own[place]} if place is not None else {}), **({"period_end": day[0]} if dated else {}),
        }
        for name, own, day in zip(names, parts, days, strict=True)
    }  # fmt: skip
    subject = [each for at, each in enumerate(parts[0]) if at != place and len({own[at] for own in parts}) == 1]
    return FileNames(
        f"{pattern}.*\\.{ending}" if endings else f"{pattern}.*", _words(subject), said, _told(said, names),
        dict(_asked(place, parts, stems, dated=dated)),
    )  # fmt: skip


def _supplier(parts: Sequence[Sequence[str]]) -> int | None:
    """Which part is the code of the supplier: one that differs from name to name, or else the first that looks like a code."""
    words = [at for at in range(0, len(parts[0]), 2) if all(each[at] not in ("", _END) for each in parts)]
    different = [at for at in words if len({each[at] for each in parts}) > 1]
    coded = [at for at in words if all(_CODE.fullmatch(each[at]) for each in parts)]
    return next((at for at in different if at in coded), next(iter(different or coded), None))


def _piece(texts: Sequence[str], is_supplier: bool) -> str:  # noqa: FBT001 -- what one piece is
    if is_supplier:
        return _GROUPS["supplier_code"].format(code_pattern(dict.fromkeys(texts)))
    if len(set(texts)) == 1:
        return _escaped(texts[0]).replace(_END, _GROUPS["period_end"])
    return "[^_]*"


def _escaped(text: str) -> str:
    return re.sub(r"([.()+\[\]{}^$|*?\\])", r"\\\1", text)


def _words(parts: Iterable[str]) -> str:
    return snake_case(" ".join(part for part in parts if part != _END and not part.isdigit()))


def _told(said: Mapping[str, Mapping[str, str]], names: Sequence[str]) -> str:
    codes = {each["supplier_code"] for each in said.values() if "supplier_code" in each}
    ends = {each["period_end"] for each in said.values() if "period_end" in each}
    found = [plural(len(codes), "supplier")] * bool(codes) + [plural(len(ends), "period")] * bool(ends)
    return f"{' and '.join(found) or 'nothing else differs'} in {plural(len(names), 'name')}"


def _asked(
    place: int | None, parts: Sequence[Sequence[str]], stems: Sequence[str], *, dated: bool
) -> Iterator[tuple[str, str]]:
    if place is None:
        yield (
            "supplier",
            "Who sends it? No part of the names looks like a code: a group (?P<supplier_code>…) says which part it is.",
        )
    elif len({each[place] for each in parts}) == 1:
        yield "sure", "Is supplier_code the right part of the name? Only one supplier is among the files."
    if not dated:
        other = any(_OTHER_DAY.search(each) for each in stems)
        form = " The day in the names is not written yyyy-mm-dd." if other else ""
        yield (
            "period",
            f"For which period is it? A group (?P<period_end>…) takes a day such as 2020-03-31 from the name.{form}",
        )


def spacing(names: FileNames) -> tuple[int, str] | None:
    """How far apart the ends of periods are, if all are evenly so: a number, and ``d`` or ``month``; None where they are not."""
    ends = sorted({day for day in map(names.end_of, names.said) if day})
    days = {(later - earlier).days for earlier, later in pairwise(ends)}
    if len(days) == 1:
        only = days.pop()
        if only <= 28:
            return only, "d"
    months = {(later.year - earlier.year) * 12 + later.month - earlier.month for earlier, later in pairwise(ends)}
    is_last = [(day.month != date.fromordinal(day.toordinal() + 1).month) for day in ends]
    return (months.pop(), "month") if len(months) == 1 and all(is_last) else None
