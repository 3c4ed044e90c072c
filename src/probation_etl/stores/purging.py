"""Removes for good what was kept of returns: rows, findings, totals and content. The ledger keeps that they were there."""

from __future__ import annotations

from probation_etl.contracts.identifiers import quoted
from probation_etl.stores.engine import Engine

_PURGED = "SELECT return_id FROM ledger.purges"
#: Files of which every return was purged: a workbook may hold several, to be kept for different times.
_CONTENT = f"""
DELETE FROM received.{{table}}
WHERE sha256 IN (SELECT sha256 FROM ledger.returns WHERE return_id IN ({_PURGED}))
AND sha256 NOT IN (SELECT sha256 FROM ledger.returns WHERE return_id NOT IN ({_PURGED}))
"""
#: Tables with a row or more for a return.
_TABLES = """
SELECT c.table_schema, c.table_name FROM information_schema.columns AS c
JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.column_name = 'return_id' AND c.table_schema IN ('history', 'earlier', 'quarantine', 'released')
AND t.table_type = 'BASE TABLE'
ORDER BY c.table_schema, c.table_name
"""


def remove_purged(engine: Engine) -> None:
    """Removes everything of the returns that ``ledger.purges`` lists, from what readers see too."""
    tables = [f"{quoted(schema)}.{quoted(name)}" for schema, name in engine.rows(_TABLES)]
    for table in (*tables, "ledger.totals"):
        engine.execute(f"DELETE FROM {table} WHERE return_id IN ({_PURGED})")
    for table in ("files", "further_parts"):
        engine.execute(_CONTENT.format(table=table))
