"""What a return may refer to in the store: keys are looked for in the database, which may hold many more rows than fit into memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import TableContract
from probation_etl.discreet import Discreet
from probation_etl.intake.references import Referred, total_of
from probation_etl.stores.engine import Engine
from probation_etl.stores.statements import stored_columns

#: Keys that are asked for at a time.
KEYS_AT_A_TIME = 1 << 16


@dataclass(frozen=True)
class StoredRows(Referred, Discreet):
    """Rows of a supplier's current returns for a period or an earlier one.

    Attributes:
        contract: The contract of their unified table.
        sender: Code of the supplier.
        end: The end of the period.
    """

    engine: Engine
    contract: TableContract
    sender: str
    end: date

    def missing(self, keys: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
        """Those of some keys that none of the rows has."""
        kinds = stored_columns(self.contract)
        parts = ", ".join(f"unnest(CAST(${at} AS {kinds[name]}[])) AS k{at}" for at, name in enumerate(columns, 3))
        same = " AND ".join(f"h.{quoted(name)} = asked.k{at}" for at, name in enumerate(columns, 3))
        # No table is made of them: a store that is only read may be asked too.
        query = f"SELECT * FROM (SELECT {parts}) AS asked WHERE NOT EXISTS (SELECT 1 {self._rows} AND {same})"
        found = [keys.clear()]
        for some in keys.iter_slices(KEYS_AT_A_TIME):
            asked = [each.to_list() for each in some.get_columns()]
            missing = self.engine.frame(query, [self.sender, self.end, *asked])
            found.append(missing.rename(dict(zip(missing.columns, keys.columns, strict=True))).cast(keys.schema))
        return pl.concat(found)

    def total(self, expression: pl.Expr) -> Any:
        """One value for all rows. Only the columns that it reads are fetched."""
        named = [f"h.{quoted(name)}" for name in dict.fromkeys(expression.meta.root_names())]
        columns = ", ".join(named or ["h.return_id"])
        return total_of(self.engine.frame(f"SELECT {columns} {self._rows}", [self.sender, self.end]), expression)

    @property
    def _rows(self) -> str:
        return (
            f"FROM history.{quoted(self.contract.table)} AS h JOIN ledger.current_returns AS c ON c.return_id = h.return_id "
            "WHERE c.supplier_code = $1 AND c.period_end <= $2"
        )
