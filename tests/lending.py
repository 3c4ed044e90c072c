"""An invented library with released loans, release checks that a test can make fail, and weekly activity."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from places import Outcome

#: Part of every ticket number. It must not appear in any page, log or message.
CANARY = "CANARY7Q"
_HEAD = """\
apiVersion: v3.2.0
kind: DataContract
id: {id}
name: {id}
version: 1.0.0
status: active
schema:
  - name: {id}
    logicalType: object
    properties:
"""
RETURN = (
    _HEAD.format(id="lending")
    + """\
      - {name: ticket, physicalName: ticket, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1, classification: restricted}
      - {name: lent_on, physicalName: lent_on, logicalType: date, required: true, logicalTypeOptions: {format: yyyy-MM-dd}}
      - {name: fine, physicalName: fine, logicalType: integer}
customProperties:
  - property: layer
    value: return
  - property: reportingPeriod
    value: {days: 7}
  - property: identification
    value: {fileName: '(?P<supplier_code>[A-Z]+)_lending_(?P<period_end>\\d{4}-\\d{2}-\\d{2})(_v\\d)?\\.csv'}
  - property: mapping
    value: {table: loan, columns: {branch: supplier_code, ticket: ticket, lent_on: lent_on, fine: fine}}
"""
)
#: How long such a return is kept, for contracts that say so.
RETENTION = "slaProperties:\n  - {property: retention, value: 5, unit: y}\n"
UNIFIED = (
    _HEAD.format(id="loan")
    + """\
      - {name: branch, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 1}
      - {name: ticket, logicalType: string, required: true, primaryKey: true, primaryKeyPosition: 2, classification: restricted}
      - {name: lent_on, logicalType: date, required: true}
      - {name: fine, logicalType: integer, logicalTypeOptions: {maximum: 50}}
    quality:
      - id: fines_together
        name: Libraries with more than a pound of fines
        description: No library takes more than a pound.
        type: sql
        query: SELECT COUNT(*) FROM (SELECT SUM(fine) AS fines FROM unified.loan) AS together WHERE fines > 100
        mustBeLessOrEqualTo: 0
      - id: nobody_owes
        name: Loans with a fine
        type: sql
        severity: warning
        query: SELECT COUNT(*) FROM unified.loan WHERE fine > 0
        mustBe: 0
customProperties:
  - property: layer
    value: unified
"""
)
VIEW = (
    _HEAD.format(id="loans_by_week")
    + """\
      - {name: branch, logicalType: string, required: true}
      - {name: week, logicalType: date, required: true}
      - {name: loans, logicalType: integer, physicalType: BIGINT, required: true}
customProperties:
  - property: layer
    value: view
  - property: activity
    value: {measures: [loans], by: [branch], period: week, recent: 1}
  - property: query
    value: SELECT branch, CAST(date_trunc('week', lent_on) AS DATE) AS week, COUNT(*) AS loans FROM unified.loan GROUP BY 1, 2
"""
)


@dataclass(frozen=True)
class Lending:
    """The library's commands on one store."""

    root: Path
    url: str
    command: Callable[..., Outcome]

    @property
    def contracts(self) -> Path:
        return self.root / "contracts"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    def write(self, *, returned: str = RETURN, unified: str = UNIFIED, view: str = VIEW) -> None:
        self.contracts.mkdir(parents=True, exist_ok=True)
        for name, text in {"lending": returned, "loan": unified, "loans_by_week": view}.items():
            (self.contracts / f"{name}.odcs.yaml").write_text(text, encoding="utf-8")

    def send(self, name: str, *loans: tuple[str, int], day: str = "2020-03-02") -> None:
        rows: Iterable[str] = (f"{CANARY}{ticket},{day},{fine}" for ticket, fine in loans)
        (self.root / "inbox").mkdir(exist_ok=True)
        (self.root / "inbox" / name).write_text("\n".join(["ticket,lent_on,fine", *rows, ""]), encoding="utf-8")

    def run(self, *more: object) -> Outcome:
        where = ("--store", self.url, "--reports", self.reports, "--contracts", self.contracts)
        return self.command("run", self.root / "inbox", *where, *more)

    def check(self, *more: object) -> Outcome:
        return self.command("check", "--store", self.url, "--contracts", self.contracts, *more)

    def json(self, *more: object) -> Any:
        return self.run("--json", *more).json
