"""Makes the synthetic returns that are asked for, file by file, and says beside them what they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from probation_etl.errors import UsageError
from probation_etl.sample.apportion import apportion
from probation_etl.sample.breaches import Breach
from probation_etl.sample.caseloads import caseloads, is_published
from probation_etl.sample.directory import whole_directory
from probation_etl.sample.faults import Planter
from probation_etl.sample.files import (
    Table, csv_bytes, extract_table, period_words, room_for, workbook_bytes, workbook_tables,
)  # fmt: skip
from probation_etl.sample.fortnights import Fortnight, fortnights
from probation_etl.sample.layouts import Layout, Layouts, shipped_layouts
from probation_etl.sample.records import crc_breaches, crc_suspensions, nps_breaches, nps_suspensions
from probation_etl.sample.register import make_register
from probation_etl.sample.sheets import Cell
from probation_etl.sample.tables import Sender, Tables, shipped_tables
from probation_etl.sample.volume import many_breaches

PREPARED_BY = "probation-etl sample: SYNTHETIC data, no row is about a person"
INBOX = "inbox"
FIRST_DAY, LAST_DAY = date(2020, 3, 1), date(2020, 11, 29)


@dataclass(frozen=True)
class Wanted:
    """What is asked for.

    Attributes:
        organisations: Codes of senders; none means all.
        first: Every fortnight with a day from here on …
        last: … up to here.
        rows: Rows of each return of breaches; None for those that add up to the published figures.
        seed: What all chances depend on.
        faults: How many faults are planted.
    """

    organisations: tuple[str, ...] = ()
    first: date = FIRST_DAY
    last: date = LAST_DAY
    rows: int | None = None
    seed: int = 0
    faults: int = 0


@dataclass
class Made:
    """What was made: how many of what.

    Attributes:
        inbox: Where the files are.
        senders: How many organisations.
        periods: How many fortnights.
        published: Whether the weekly counts add up to the published figures.
    """

    inbox: Path
    senders: int
    periods: int
    published: bool
    files: int = 0
    returns: int = 0
    rows: int = 0
    faults: int = 0


def make_sample(
    target: Path, wanted: Wanted = Wanted(), *, progress: Callable[[int, int], None] = lambda _done, _of: None  # noqa: B008 -- frozen
) -> Made:
    """Writes synthetic returns below ``target/inbox``, and beside it what they are.

    The same options give the same files, byte for byte, and a part of the set has the files that the whole set has.

    Args:
        target: A directory that is empty or not there.
        wanted: What is asked for.
        progress: Told how many of how many senders and periods are done.

    Raises:
        UsageError: The directory is not empty, or what is asked for cannot be made.
        EnvironmentFailure: It cannot be written.
    """
    maker = _Maker(wanted, shipped_tables(), shipped_layouts())
    with whole_directory(target) as draft:
        (draft / INBOX).mkdir()
        made = maker.write(draft / INBOX, progress)
        made.inbox = target / INBOX
        (draft / "README.txt").write_text(_readme(made, wanted), encoding="utf-8")
        if wanted.faults:
            (draft / "answer_key.csv").write_text(maker.planter.answer_key(), encoding="utf-8", newline="")
    return made


class _Maker:
    """Knows what is asked for, and makes it sender by sender and period by period."""

    def __init__(self, wanted: Wanted, tables: Tables, layouts: Layouts) -> None:
        self._wanted, self._tables, self._layouts = wanted, tables, layouts
        self._senders = _chosen_senders(wanted, tables)
        self._periods = _chosen_periods(wanted, tables)
        if wanted.rows is not None:
            _hold_rows(wanted.rows, self._senders, layouts)
        self.planter = _planter(wanted, tables, len(self._senders) * len(self._periods))

    def write(self, inbox: Path, progress: Callable[[int, int], None]) -> Made:
        """Writes every file that is asked for."""
        complete = self._wanted.rows is None and len(self._senders) == len(self._tables.senders)
        made = Made(inbox, len(self._senders), len(self._periods), published=complete and not self._wanted.faults)
        total = len(self._senders) * len(self._periods)
        for done, tables in enumerate(self._files(inbox, made), start=1):
            made.returns += len(tables)
            made.rows += sum(len(each.records) for each in tables)
            progress(done, total)
        if self.planter.owed:
            planted = len(self.planter.planted)
            raise UsageError(
                f"Only {planted} of {self._wanted.faults} faults find room in these returns: ask for {planted} or "
                "fewer, for more organisations or periods, or for more rows."
            )
        made.faults = len(self.planter.planted)
        return made

    def _files(self, inbox: Path, made: Made) -> Iterator[list[Table]]:
        """Writes the files of each sender and period; gives the returns that they hold."""
        register = make_register(self._tables, seed=self._wanted.seed) if self._wanted.rows is None else {}
        for sender in self._senders:
            for place, period in enumerate(self._periods):
                breaches = register.get(sender.provider_code) or self._many(sender, period, place)
                write = self._workbook if sender.provider_kind == "crc" else self._extracts
                tables, contents = write(sender, period, breaches)
                for name, content in contents:
                    (inbox / name).write_bytes(content)
                    made.files += 1
                yield tables

    def _many(self, sender: Sender, period: Fortnight, place: int) -> list[Breach]:
        rows = self._wanted.rows or 0
        return many_breaches(
            sender, period, self._tables, rows=rows, first_number=place * rows, seed=self._wanted.seed
        )

    def _workbook(
        self, sender: Sender, period: Fortnight, breaches: Sequence[Breach]
    ) -> tuple[list[Table], list[tuple[str, bytes]]]:
        layout = self._layouts.workbooks[sender.layout]
        found = caseloads(sender, period, self._tables, seed=self._wanted.seed)
        records = {
            "Caseload": [each.crc_record() for each in found],
            "Breaches": crc_breaches(breaches, period),
            "Suspended breaches": crc_suspensions(breaches, period),
        }
        origin = "as published" if is_published(sender, period, self._tables) else "SYNTHETIC data"
        name = f"{sender.provider_code}_return_{period.end}_synthetic.{layout.extension}"
        tables = workbook_tables(name, records, _titles(sender, period, origin), layout, self._layouts)
        self.planter.plant(tables)
        content = workbook_bytes(tables, _cover(sender, period), layout, self._layouts, title=PREPARED_BY)
        return tables, [(name, content)]

    def _extracts(
        self, sender: Sender, period: Fortnight, breaches: Sequence[Breach]
    ) -> tuple[list[Table], list[tuple[str, bytes]]]:
        found = caseloads(sender, period, self._tables, seed=self._wanted.seed)
        records = {
            "caseload": [each.nps_record(self._tables) for each in found],
            "breaches": nps_breaches(breaches, period, sender, self._tables),
            "suspended_breaches": nps_suspensions(breaches, period, sender, self._tables),
        }
        tables = [
            extract_table(f"{sender.provider_code}_{kind}_{period.end}_synthetic.csv", records[kind], extract)
            for kind, extract in self._layouts.extracts.items()
        ]
        self.planter.plant(tables)
        return tables, [(each.file, csv_bytes(each)) for each in tables]


def _chosen_senders(wanted: Wanted, tables: Tables) -> list[Sender]:
    known = [each.provider_code for each in tables.senders]
    codes = [code.upper() for code in wanted.organisations]
    unknown = sorted({code for code in codes if code not in known})
    if unknown:
        raise UsageError(
            f"No synthetic returns are made for {', '.join(unknown)}; expected ‘all’ or codes of {', '.join(known)}."
        )
    return [each for each in tables.senders if not codes or each.provider_code in codes]


def _chosen_periods(wanted: Wanted, tables: Tables) -> list[Fortnight]:
    known = fortnights(tables.weeks)
    first, last = known[0].start, known[-1].end
    if wanted.first > wanted.last:
        raise UsageError(f"The first day {wanted.first} is after the last, {wanted.last}: exchange them.")
    if wanted.first < first or wanted.last > last:
        raise UsageError(f"Weekly counts are known from {first} to {last}: choose days from one to the other.")
    return [each for each in known if each.start <= wanted.last and each.end >= wanted.first]


def _hold_rows(rows: int, senders: Sequence[Sender], layouts: Layouts) -> None:
    most = min((room_for(layouts.workbooks[each.layout]) for each in senders if each.provider_kind == "crc"), default=rows)
    if rows > most:
        raise UsageError(
            f"A sheet of a workbook holds {most} rows at most, not {rows}: ask for fewer, or for NPS regions alone, which "
            "send CSV files."
        )


def _planter(wanted: Wanted, tables: Tables, places: int) -> Planter:
    """Spreads the faults over all senders and periods."""
    random = Random(f"{wanted.seed} faults")  # noqa: S311 -- chance, not secrecy
    quotas = apportion(wanted.faults, [1] * places)
    random.shuffle(quotas)
    return Planter(tables.faults, iter(quotas), random)


def _titles(sender: Sender, period: Fortnight, origin: str) -> dict[str, str]:
    ending = f"{sender.organisation}, {period_words(period.end)}"
    return {
        "Caseload": f"Average caseload ({origin}): {ending}",
        "Breaches": f"Breaches (SYNTHETIC data): {ending}",
        "Suspended breaches": f"Suspended breaches (SYNTHETIC data): {ending}",
    }


def _cover(sender: Sender, period: Fortnight) -> dict[str, Cell]:
    return {
        "Organisation": sender.organisation,
        "Provider code": sender.provider_code,
        "Period start": period.start,
        "Period end": period.end,
        "Prepared by": PREPARED_BY,
    }


def _readme(made: Made, wanted: Wanted) -> str:
    return ""
