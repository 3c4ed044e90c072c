"""The contract of a return: what a supplier sends, how it is recognised, and what becomes of its rows."""

from __future__ import annotations

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from probation_etl.contracts.model.columns import FILE_NAME, Column
from probation_etl.contracts.model.limits import day_of
from probation_etl.contracts.model.mappings import Mapping
from probation_etl.contracts.model.marks import marked_in
from probation_etl.contracts.model.rules import CrossRule, QueryRule, Reference
from probation_etl.contracts.model.tables import Contract, Layer
from probation_etl.contracts.model.windows import NOTHING_SAID, DateWindow
from probation_etl.contracts.service_levels import NOTHING_AGREED, ServiceLevel
from probation_etl.discreet import Discreet

#: Share of rows that a correction may lose without being questioned, where the contract does not say.
LARGEST_LOSS = 1 / 3


@dataclass(frozen=True)
class Cover(Discreet):
    """Where a workbook's cover sheet says who sends what for which period: labels, by what they mean."""

    sheet: str
    labels: Dictionary[str, str]
    date_format: str = "dd/MM/yyyy"


@dataclass(frozen=True)
class Identification(Discreet):
    """How a file or sheet is recognised as a return of this contract.

    Attributes:
        sheet: Name of its sheet.
        optional: Whether a workbook may lack the sheet.
        sheet_pattern: Pattern of the names of its sheets, each of which is a return; None where it is one sheet, or none.
        folder: Pattern of the last folders that the file lies in.
        supplier_column: The column that says whose each row is; None where a file is of one supplier.
        period_column: The column that says for which period each row is; None where a file is for one period.
    """

    file_name: str | None = None
    sheet: str | None = None
    cover: Cover | None = None
    optional: bool = False
    sheet_pattern: str | None = None
    folder: str | None = None
    supplier_column: str | None = None
    period_column: str | None = None

    @property
    def in_workbook(self) -> bool:
        """Whether it is recognised by the name of a sheet."""
        return self.sheet is not None or self.sheet_pattern is not None

    @property
    def row_columns(self) -> dict[str, str]:
        """The columns by which the rows of a file belong to several returns: by what they say."""
        said = {"supplier_code": self.supplier_column, "period_end": self.period_column}
        return {key: name for key, name in said.items() if name is not None}

    @property
    def patterns(self) -> dict[str, str]:
        """The patterns whose groups may say who sends a return, and for which period, by their key."""
        given = {"fileName": self.file_name, "folder": self.folder, "sheetPattern": self.sheet_pattern}
        return {key: pattern for key, pattern in given.items() if pattern is not None}


@dataclass(frozen=True)
class Delivery(Discreet):
    """What lies beside a file of this return, under its name with an ending.

    Attributes:
        done_marker: Ending of a file that says that the return is whole; None where there is none.
        control_file: Ending of a file with control totals; None where there is none.
        together: Ids of the contracts whose files are one delivery with it.
    """

    done_marker: str | None = None
    control_file: str | None = None
    together: tuple[str, ...] = ()

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of all that has to be there before the return is taken."""
        return tuple(filter(None, (self.done_marker, self.control_file)))


@dataclass(frozen=True, kw_only=True)
class ReturnContract(Contract):
    """What a supplier sends.

    Attributes:
        mapping: How its rows become rows of a unified table. The loader derives one where the contract gives none.
        identification: How a file or sheet is recognised as this return.
        delivery: What comes beside a file of it.
        cross_rules: Comparisons with totals of the supplier's other returns.
        query_rules: Queries that give the rows which break them.
        memberships: Values, or several of a row together, that a reference table must have.
        own_references: Rows of the return itself that rows refer to.
        supplier_kind: Kind of the organisations that send it; None where any may.
        expected_level: Level of the organisations that must send it; None where all of the kind must.
        service_level: How often it comes, and when it is due.
        period_days: Length of a reporting period where the return does not give its start.
        period_holds_dates: Whether some date of a return lies in its period, so that a return without one is questioned.
        layout_of: Id of the contract of which this is another layout: a return in one layout corrects one in the other.
        quarantined_share: Share of rows in quarantine above which the whole return is rejected.
        largest_loss: Share of the rows of the return before it that a correction may lose without being questioned.
        delimiter: Character between the cells of a CSV file.
        encoding: Character encoding of a CSV file.
        window: Which days are likely in its columns of dates.
    """

    mapping: Mapping
    identification: Identification = field(default_factory=Identification)
    delivery: Delivery = field(default_factory=Delivery)
    cross_rules: tuple[CrossRule, ...] = ()
    query_rules: tuple[QueryRule, ...] = ()
    memberships: tuple[Reference, ...] = ()
    own_references: tuple[Reference, ...] = ()
    supplier_kind: str | None = None
    expected_level: str | None = None
    service_level: ServiceLevel = NOTHING_AGREED
    period_days: int | None = None
    period_holds_dates: bool = True
    layout_of: str | None = None
    quarantined_share: float = 1.0
    largest_loss: float = LARGEST_LOSS
    delimiter: str = ","
    encoding: str = "UTF-8"
    window: DateWindow = NOTHING_SAID

    @property
    def is_read_whole(self) -> bool:
        """Whether even a long file of it is read as a whole, because which rows are a return depends on all of them."""
        return bool(self.identification.row_columns) or self.layout.block or self.layout.fixed_width

    @property
    def places(self) -> tuple[tuple[int, int], ...]:
        """Where its columns stand in a line, if they stand at fixed places."""
        return tuple(each.characters or (1, 1) for each in self.columns) if self.layout.fixed_width else ()

    @property
    def layer(self) -> Layer:
        """``return``."""
        return "return"

    @cached_property
    def marks_read(self) -> tuple[str, ...]:
        """The columns of which the mapping reads the shorthand marks."""
        return tuple(dict.fromkeys(name for text in self.mapping.texts for name in marked_in(text)))

    @cached_property
    def reads_file_name(self) -> bool:
        """Whether an expression reads the name of the file; else it need not stand beside each row."""
        ruled = (text for rule in self.rules for each in rule.lookups.values() for text in each.texts)
        texts = (
            *(each.expression for each in self.rules), *(each.expression for each in self.table_rules),
            *(each.this for each in self.cross_rules),
            *(each.query for each in self.query_rules), *ruled, *self.mapping.texts,
        )  # fmt: skip
        return FILE_NAME not in self.column_names and any(FILE_NAME in text.lower() for text in texts)

    @property
    def reference_tables(self) -> tuple[str, ...]:
        """The reference tables that its mapping, its rules and its relationships look at."""
        mapped = (lookup for row in self.mapping.rows for each in row.columns for lookup in each.lookups)
        ruled = (lookup for rule in self.rules for lookup in rule.lookups.values())
        looked_up = (*(each.table for each in (*mapped, *ruled)), *(each.table for each in self.memberships))
        return tuple(dict.fromkeys(looked_up))

    def first_likely_day(self, column: Column) -> date | None:
        """The first day that is likely in a column of dates; None where every earlier day is, or a bound of its own says it."""
        if any(limit.is_lower for limit in column.interval.limits):
            return None
        window, last = column.window.or_else(self.window), day_of(column.interval.greatest(column.step))
        first = window.first_day(self.effective_from)
        usual_is_refuted = window.years_before is None and last is not None and first is not None and last < first
        return None if usual_is_refuted else first

    @property
    def kind(self) -> str:
        """What the supplier sends, in whatever layout: of one supplier, kind and period one return is current."""
        return self.layout_of or self.id
