"""The returns of the twelve organisations and two dates of Annexe 2, which come with the project.

The average caseloads are the published ones. Every breach is synthetic, and no two returns share a case reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from probation_etl.sample.caseloads import caseloads
from probation_etl.sample.files import CsvFile, File, Records, Workbook, csv_file, workbook
from probation_etl.sample.fortnights import Fortnight
from probation_etl.sample.layouts import shipped_layouts
from probation_etl.sample.life_stages import Standing, breaches_standing, mixed_standings
from probation_etl.sample.records import crc_breach, crc_suspension, nps_breach, nps_suspension
from probation_etl.sample.register import EDM_BEGINS
from probation_etl.sample.sheets import Cell
from probation_etl.sample.tables import Sender, Tables

PREPARED_BY = "probation-etl sample data (breaches are synthetic)"
PERIOD_ENDS = (date(2020, 3, 1), date(2020, 9, 28))
FAULTY_PERIOD_END = date(2020, 11, 29)
_EDM_STATUSES = ("Suspended", "Resumed")
"""Statuses of the exceptional delivery model (EDM), before which no breach was suspended."""


def published_senders(tables: Tables) -> list[Sender]:
    """The organisations that Annexe 2 has figures for."""
    published = {figure.provider_code for figure in tables.figures}
    return [each for each in tables.senders if each.code in published]


def period_to(end: date) -> Fortnight:
    """The fortnight that ends on a day."""
    return Fortnight(end - timedelta(days=13))


def first_reference(sender: Sender, end: date, tables: Tables) -> int:
    """The digits of the first case reference of a return: no two returns share one."""
    return (10 + published_senders(tables).index(sender)) * 10_000 + _first_number(end)


def _first_number(end: date) -> int:
    return (*PERIOD_ENDS, FAULTY_PERIOD_END).index(end) * 1_000 + 1


def annexe_2_files(tables: Tables) -> Iterator[File]:
    """Every file of the two dates."""
    for sender in published_senders(tables):
        for end in PERIOD_ENDS:
            if sender.kind == "crc":
                yield _workbook(sender, period_to(end), tables)
            else:
                yield from _extracts(sender, period_to(end), tables)


def _workbook(sender: Sender, period: Fortnight, tables: Tables) -> Workbook:
    random = Random(f"{sender.code} {period.end}")
    standings = mixed_standings(random, random.randint(12, 15), tables, suspensions=period.end >= EDM_BEGINS)
    breaches = breaches_standing(
        random,
        sender,
        period.end,
        tables,
        standings=standings,
        first_reference=first_reference(sender, period.end, tables),
    )
    records = {
        "Caseload": [each.crc_record() for each in caseloads(sender, period, tables, seed=0)],
        "Breaches": [crc_breach(each, period.end) for each in breaches],
        "Suspended breaches": [crc_suspension(each, period.end) for each in breaches if each.suspended_on],
    }
    return annexe_2_workbook(sender, period, records, caseload_origin="as published")


def annexe_2_workbook(
    sender: Sender, period: Fortnight, records: dict[str, Records], *, caseload_origin: str, suffix: str = ""
) -> Workbook:
    """The workbook of one CRC; its titles say what is synthetic."""
    layouts = shipped_layouts()
    layout = layouts.workbooks[sender.layout]
    ending = f"{sender.organisation}, period ending {period.end:%d/%m/%Y}"
    titles = {
        "Caseload": f"Average caseload ({caseload_origin}): {ending}",
        "Breaches": f"Breaches (synthetic data): {ending}",
        "Suspended breaches": f"Suspended breaches (synthetic data): {ending}",
    }
    cover: dict[str, Cell] = {
        "Organisation": sender.organisation, "Provider code": sender.code, "Period start": period.start,
        "Period end": period.end, "Prepared by": PREPARED_BY,
    }  # fmt: skip
    name = f"{sender.code}_return_{period.end}{suffix}.{layout.extension}"
    return workbook(name, records, titles, cover, layout, layouts, title=PREPARED_BY, stored=True)


def _extracts(sender: Sender, period: Fortnight, tables: Tables) -> Iterator[CsvFile]:
    random, end = Random(f"{sender.code} {period.end}"), period.end
    standings = {code: Standing(word) for word, codes in tables.codes["status"].items() for code in codes}
    codes = _status_codes(random, random.randint(12, 15), standings, suspensions=end >= EDM_BEGINS)
    breaches = breaches_standing(
        random, sender, end, tables, standings=[standings[code] for code in codes],
        first_reference=first_reference(sender, end, tables),
    )  # fmt: skip
    rows = [
        (breach, {"nsi_id": f"SYNTHETIC-{sender.code}-{number:04d}", "status": code})
        for number, (breach, code) in enumerate(zip(breaches, codes, strict=True), start=_first_number(end))
    ]
    records = {
        "caseload": [each.nps_record(tables) for each in caseloads(sender, period, tables, seed=0)],
        "breaches": [nps_breach(breach, end, sender, tables, **more) for breach, more in rows],
        "suspended_breaches": [
            nps_suspension(breach, end, sender, **more) for breach, more in rows if breach.suspended_on
        ],
    }
    for kind, extract in shipped_layouts().extracts.items():
        yield csv_file(f"{sender.code}_{kind}_{end}.csv", records[kind], extract)


def _status_codes(random: Random, count: int, standings: dict[str, Standing], *, suspensions: bool) -> list[str]:
    """So many different statuses in no order, two to four of them suspensions if there are any."""
    of_edm = [code for code, standing in standings.items() if standing.status in _EDM_STATUSES]
    others = [code for code in standings if code not in of_edm]
    codes = random.sample(of_edm, random.randint(2, 4)) if suspensions else []
    codes += random.sample(others, count - len(codes))
    random.shuffle(codes)
    return codes
