"""Makes the requested synthetic returns file by file, with a README beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from probation_etl.errors import UsageError
from probation_etl.files import explained, filled_folder, make_folder, write_draft
from probation_etl.sample.apportion import apportion
from probation_etl.sample.breaches import Breach, by_period
from probation_etl.sample.faults import Planter
from probation_etl.sample.files import Table
from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.layouts import shipped_layouts
from probation_etl.sample.options import Wanted, wanted_periods, wanted_senders
from probation_etl.sample.readme import readme
from probation_etl.sample.register import make_register
from probation_etl.sample.returns import files_of
from probation_etl.sample.tables import Sender, Tables, shipped_tables
from probation_etl.sample.volume import many_breaches

INBOX = "inbox"
Progress = Callable[[int, int], None]


@dataclass
class Made:
    """How much was made.

    Attributes:
        inbox: Where the files are.
        periods: How many fortnights.
        published: Whether the weekly counts add up to the published figures.
    """

    inbox: Path
    organisations: int
    periods: int
    published: bool
    files: int = 0
    returns: int = 0
    rows: int = 0
    faults: int = 0


def make_sample(target: Path, wanted: Wanted, *, progress: Progress | None = None) -> Made:
    """Writes synthetic returns below ``target/inbox``, with a README beside it.

    The same options give the same files, byte for byte; a part of the set has the files that the whole set has.

    Args:
        target: A directory that is empty or does not exist.
        wanted: What to make.
        progress: Called with the number of steps done and the number of all steps.

    Raises:
        UsageError: The directory is not empty, or the request cannot be met.
        EnvironmentFailure: It cannot be written.
    """
    maker = _Maker(wanted, shipped_tables())
    failed = f"The directory {target} cannot be written"
    with explained(failed, then="Nothing of it was kept."), filled_folder(target) as draft:
        make_folder(draft / INBOX)
        made = maker.write(draft / INBOX, target / INBOX, progress)
        write_draft(draft / "README.txt", readme(wanted, published=made.published))
        if wanted.faults:
            write_draft(draft / "answer_key.csv", maker.planter.answer_key())
    return made


class _Maker:
    """Makes the returns sender by sender and period by period."""

    def __init__(self, wanted: Wanted, tables: Tables) -> None:
        self._wanted, self._tables, self._layouts = wanted, tables, shipped_layouts()
        self._senders = wanted_senders(wanted, tables, self._layouts)
        self._places = [(sender, period) for sender in self._senders for period in wanted_periods(wanted, tables)]
        random = Random(f"{wanted.seed} faults")
        quotas = apportion(wanted.faults, [1] * len(self._places))
        random.shuffle(quotas)
        self.planter = Planter(tables.faults, iter(quotas), random)

    def write(self, inbox: Path, shown: Path, progress: Progress | None) -> Made:
        """Writes every file.

        Raises:
            UsageError: There is no room for all faults.
        """
        periods = len({period for _, period in self._places})
        made = Made(shown, len(self._senders), periods, published=self._is_whole())
        for done, tables in enumerate(self._written(inbox), start=1):
            made.files += len({each.file for each in tables})
            made.returns += len(tables)
            made.rows += sum(len(each.records) for each in tables)
            if progress:
                progress(done, len(self._places))
        made.faults = len(self.planter.planted)
        if self.planter.owed:
            raise UsageError(
                f"{made.faults} of {self._wanted.faults} faults find room in these returns: ask for fewer, for more "
                "organisations or a longer time, or for more rows."
            )
        return made

    def _is_whole(self) -> bool:
        """Whether the counts can match the published figures: all senders, no faults, no fixed number of rows."""
        as_counted = self._wanted.rows is None and not self._wanted.faults
        return as_counted and len(self._senders) == len(self._tables.senders)

    def _written(self, inbox: Path) -> Iterator[list[Table]]:
        """Writes the files of each sender and period; yields the returns in them."""
        register = self._register() if self._wanted.rows is None else {}
        for number, (sender, period) in enumerate(self._places):
            breaches = register[sender.code][period] if register else self._many(number, sender, period)
            files = files_of(sender, period, breaches, self._tables, self._layouts, seed=self._wanted.seed)
            tables = [table for file in files for table in file.tables]
            self.planter.plant(tables)
            for file in files:
                write_draft(inbox / file.name, file.content())
            yield tables

    def _register(self) -> dict[str, dict[Fortnight, list[Breach]]]:
        """The breaches of each sender and period."""
        register = make_register(self._tables, seed=self._wanted.seed)
        periods = sorted({period for _, period in self._places})
        return {sender.code: by_period(register[sender.code], periods) for sender in self._senders}

    def _many(self, number: int, sender: Sender, period: Fortnight) -> list[Breach]:
        rows = self._wanted.rows or 0
        place = number % (len(self._places) // len(self._senders))
        return many_breaches(sender, period, self._tables, rows=rows, first_number=place * rows, seed=self._wanted.seed)
