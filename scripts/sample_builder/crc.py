"""The workbooks of the six Community Rehabilitation Companies (CRCs)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from probation_etl.sample.breaches import Breach
from probation_etl.sample.layouts import Layout, shipped_layouts
from probation_etl.sample.records import crc_breach, crc_suspension
from probation_etl.sample.sheets import Cell, Record, Sheet, cover_sheet, data_sheet
from probation_etl.sample.tables import Figure, Sender
from probation_etl.sample.xlsx import xlsx_bytes
from sample_builder.breaches import OUTCOMES, Standing, make_breaches
from sample_builder.ods import ods_bytes
from sample_builder.outcomes import PlannedReturn
from sample_builder.periods import edm_has_begun, first_reference

PREPARED_BY = "probation-etl sample data (breaches are synthetic)"
CONTRACTS = shipped_layouts().contracts


def layout_of(sender: Sender) -> Layout:
    """How the sender sets out its workbook."""
    return shipped_layouts().workbooks[sender.layout]


@dataclass(frozen=True)
class CrcReturn:
    """One workbook: who sends it, for which period, and the title and records of its three sheets."""

    sender: Sender
    period_end: date
    titles: Mapping[str, str]
    records: Mapping[str, Sequence[Record]]

    def file_name(self, suffix: str = "") -> str:
        """The name of the file, with the sender's own extension."""
        extension = layout_of(self.sender).extension
        return f"{self.sender.code}_return_{self.period_end}{suffix}.{extension}"

    def content(self) -> bytes:
        """The bytes of the workbook."""
        sheets = self._sheets()
        if layout_of(self.sender).extension == "ods":
            return ods_bytes(sheets)
        return xlsx_bytes(sheets, title=PREPARED_BY, stored=True)

    def planned(self, file: str) -> list[PlannedReturn]:
        """The three returns of the workbook, all good."""
        return [PlannedReturn(file, sheet, CONTRACTS[sheet], len(self.records[sheet])) for sheet in CONTRACTS]

    def _sheets(self) -> list[Sheet]:
        layout = layout_of(self.sender)
        return [cover_sheet(self._cover(), layout)] + [
            data_sheet(sheet, title=self.titles[sheet], records=self.records[sheet], layout=layout)
            for sheet in CONTRACTS
        ]

    def _cover(self) -> dict[str, Cell]:
        totals = {label: len(self.records[sheet]) for sheet, label in shipped_layouts().controls.items()}
        return {
            "Organisation": self.sender.organisation,
            "Provider code": self.sender.code,
            "Period start": self.period_end - timedelta(days=13),
            "Period end": self.period_end,
            "Prepared by": PREPARED_BY,
            **totals,
        }


def annexe_2_return(sender: Sender, period_end: date, figures: Iterable[Figure]) -> CrcReturn:
    """The workbook of one CRC for one date of Annexe 2: real caseload figures, synthetic breaches."""
    breaches = _breaches(sender, period_end)
    records = {
        "Caseload": [_caseload_record(figure) for figure in figures],
        "Breaches": [crc_breach(breach, period_end) for breach in breaches],
        "Suspended breaches": [crc_suspension(breach, period_end) for breach in breaches if breach.suspended_on],
    }
    return CrcReturn(sender, period_end, titles(sender, period_end, caseload_origin="as published"), records)


def titles(sender: Sender, period_end: date, *, caseload_origin: str) -> dict[str, str]:
    """The titles of the three sheets, which say what is synthetic."""
    ending = f"{sender.organisation}, period ending {period_end:%d/%m/%Y}"
    return {
        "Caseload": f"Average caseload ({caseload_origin}): {ending}",
        "Breaches": f"Breaches (synthetic data): {ending}",
        "Suspended breaches": f"Suspended breaches (synthetic data): {ending}",
    }


def _breaches(sender: Sender, period_end: date) -> list[Breach]:
    rng = Random(f"{sender.code} {period_end}")
    return make_breaches(
        rng,
        sender=sender,
        period_end=period_end,
        first_reference=first_reference(sender.code, period_end),
        standings=standings(rng, rng.randint(12, 15), suspensions=edm_has_begun(period_end)),
    )


def standings(rng: Random, count: int, *, suspensions: bool) -> list[Standing]:
    """`count` standings in no order: each status at least once, and two to four suspensions if any."""
    chosen = ["Initiated", "Logged", "Heard", "Withdrawn"]
    if suspensions:
        chosen += ["Suspended", "Resumed", *rng.choices(("Suspended", "Resumed"), k=rng.randint(0, 2))]
    chosen += rng.choices(("Initiated", "Logged", "Heard"), k=count - len(chosen))
    rng.shuffle(chosen)
    return [Standing(status, rng.choice(OUTCOMES) if status == "Heard" else None) for status in chosen]


def _caseload_record(figure: Figure) -> dict[str, Cell]:
    """A published figure: of the whole organisation, and without the officers and cases behind it."""
    return {
        "ldu": None,
        "grade": figure.grade,
        "as_at": figure.as_at,
        "officers_fte": None,
        "cases": None,
        "average_caseload": figure.average_caseload,
    }
