"""The files of one sender for one period: a workbook of a CRC, or three extracts of an NPS region."""

from __future__ import annotations

from collections.abc import Sequence

from probation_etl.sample.breaches import Breach
from probation_etl.sample.caseloads import caseloads, is_published
from probation_etl.sample.files import File, csv_file, workbook
from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.layouts import Layouts
from probation_etl.sample.records import crc_breaches, crc_suspensions, nps_breaches, nps_suspensions
from probation_etl.sample.sheets import Cell
from probation_etl.sample.tables import Sender, Tables

PREPARED_BY = "probation-etl sample: SYNTHETIC data, no row is about a person"


def files_of(
    sender: Sender, period: Fortnight, breaches: Sequence[Breach], tables: Tables, layouts: Layouts, *, seed: int
) -> list[File]:
    """What a sender sends for a period, from the breaches of the period."""
    make = _workbook if sender.kind == "crc" else _extracts
    return make(sender, period, breaches, tables, layouts, seed)


def _workbook(
    sender: Sender, period: Fortnight, breaches: Sequence[Breach], tables: Tables, layouts: Layouts, seed: int
) -> list[File]:
    layout = layouts.workbooks[sender.layout]
    records = {
        "Caseload": [each.crc_record() for each in caseloads(sender, period, tables, seed=seed)],
        "Breaches": crc_breaches(breaches, period),
        "Suspended breaches": crc_suspensions(breaches, period),
    }
    name = f"{sender.code}_return_{period.end}_synthetic.{layout.extension}"
    titles = _titles(sender, period, tables)
    return [workbook(name, records, titles, _cover(sender, period), layout, layouts, title=PREPARED_BY)]


def _extracts(
    sender: Sender, period: Fortnight, breaches: Sequence[Breach], tables: Tables, layouts: Layouts, seed: int
) -> list[File]:
    records = {
        "caseload": [each.nps_record(tables) for each in caseloads(sender, period, tables, seed=seed)],
        "breaches": nps_breaches(breaches, period, sender, tables),
        "suspended_breaches": nps_suspensions(breaches, period, sender, tables),
    }
    return [
        csv_file(_extract_name(sender, period, kind, tables), records[kind], extract)
        for kind, extract in layouts.extracts.items()
    ]


def _extract_name(sender: Sender, period: Fortnight, kind: str, tables: Tables) -> str:
    """A CSV file has no cover: its name says that it is synthetic, unless it holds published figures and nothing else."""
    real = kind == "caseload" and is_published(sender, period, tables)
    return f"{sender.code}_{kind}_{period.end}{'' if real else '_synthetic'}.csv"


def _titles(sender: Sender, period: Fortnight, tables: Tables) -> dict[str, str]:
    ending = f"{sender.organisation}, period ending {period.end:%d/%m/%Y}"
    origin = "as published" if is_published(sender, period, tables) else "SYNTHETIC data"
    return {
        "Caseload": f"Average caseload ({origin}): {ending}",
        "Breaches": f"Breaches (SYNTHETIC data): {ending}",
        "Suspended breaches": f"Suspended breaches (SYNTHETIC data): {ending}",
    }


def _cover(sender: Sender, period: Fortnight) -> dict[str, Cell]:
    return {
        "Organisation": sender.organisation,
        "Provider code": sender.code,
        "Period start": period.start,
        "Period end": period.end,
        "Prepared by": PREPARED_BY,
    }
