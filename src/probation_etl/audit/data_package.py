"""The unified tables as Parquet files, with their contracts and a description, for use without the store."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from probation_etl.contracts.checks import TYPES
from probation_etl.contracts.model import LINEAGE_COLUMNS, Column, TableContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import UsageError
from probation_etl.files import explained, make_folder, write_file
from probation_etl.folders import replaced_folder
from probation_etl.stores import Store

DESCRIPTION = "datapackage.json"
_MARK = "probation_etl_export"


def export_tables(
    store: Store, rulebook: Rulebook, directory: str | Path, *, as_of: str | datetime | None = None
) -> dict[str, Any]:
    """Writes every unified table and view, all or nothing; an earlier export in the same place is replaced.

    Tables are split by the period end of the return that each row comes from; views are not. Files are the same, byte for
    byte, for the same content of the store.

    Args:
        store: An open store.
        rulebook: The contracts that it was opened with.
        directory: Where to; it may be missing, empty, or hold an earlier export.
        as_of: Writes the tables as they were after that run or at that time.

    Returns:
        The description that is written as ``datapackage.json``, a Data Package (version 1) of Frictionless Data.

    Raises:
        UsageError: The directory holds something else, or the ledger knows no such run.
        EnvironmentFailure: It cannot be written. What was there before is there still.
    """
    target = Path(os.path.abspath(directory))  # noqa: PTH100 -- resolve() would follow the link that a user chose
    with explained(f"The directory {target} cannot be written"):
        _refuse_what_is_not_ours(target)
        with replaced_folder(target) as draft:
            description = _describe(store, rulebook, draft, as_of)
            write_file(draft / DESCRIPTION, json.dumps(description, ensure_ascii=False, indent=2) + "\n")
    return description


def _refuse_what_is_not_ours(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise UsageError(f"{target} is not a directory: name another one.")
    present = {path.relative_to(target).as_posix() for path in target.rglob("*") if not path.is_dir()}
    strange = sorted(present - _files_of(target))
    if strange:
        raise UsageError(
            f"The directory {target} holds files that no export of ours wrote, such as {strange[0]}: name another one."
        )


def _files_of(target: Path) -> set[str]:
    """Files of the export in a directory, by its own description; empty where it is not an export."""
    try:
        description = json.loads((target / DESCRIPTION).read_text(encoding="utf-8"))
        parts = [each["path"] for each in description["resources"]]
        return {DESCRIPTION, *parts, *description[_MARK]["contracts"]}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _describe(store: Store, rulebook: Rulebook, draft: Path, as_of: str | datetime | None) -> dict[str, Any]:
    """Writes the tables and gives their description."""
    periods = store.returns().select("return_id", "period_end")
    resources, contracts = [], []
    for contract in rulebook.contracts.tables():
        folder = draft / _safe(contract.table)
        make_folder(folder)
        if contract.path is not None:
            write_file(folder / contract.path.name, contract.path.read_bytes())
            contracts.append(f"{folder.name}/{contract.path.name}")
        rows = _typed(store.table(contract.table, as_of=as_of), contract)
        for period, part in _parts(rows, contract, periods):
            resources.append(_resource(contract, part, draft, f"period_end={period}" if period else ""))
    at = as_of.isoformat() if isinstance(as_of, datetime) else as_of
    return {
        "profile": "data-package",
        "name": "probation-unified",
        "title": "Unified tables",
        _MARK: {"version": 1, "contracts": contracts, **({"as_of": at} if at else {})},
        "resources": resources,
    }


def _typed(rows: pl.DataFrame, contract: TableContract) -> pl.DataFrame:
    """The columns of the contract in its types and order, then lineage; rows in the order of the key."""
    lineage = [name for name in LINEAGE_COLUMNS if name in rows.columns]
    columns = [pl.col(each.name).cast(_type_of(each)) for each in contract.columns]
    made = rows.select(*columns, *(pl.col(name) for name in lineage))
    return made.sort([*contract.key, *lineage] or made.columns, nulls_last=True, maintain_order=True)


def _type_of(column: Column) -> Any:
    """The type of a column; that of the database where it is narrower, as for decimals of so many places."""
    decimal = re.fullmatch(r"DECIMAL\((\d+),\s*(\d+)\)", column.physical_type or "")
    if decimal:
        return pl.Decimal(int(decimal[1]), int(decimal[2]))
    return pl.Float64() if (column.physical_type or "").startswith("DOUBLE") else TYPES[column.type]


def _parts(
    rows: pl.DataFrame, contract: TableContract, periods: pl.DataFrame
) -> Iterator[tuple[str | None, pl.DataFrame]]:
    """A table by period end; a view, or a table without rows, as a whole."""
    if contract.is_view or LINEAGE_COLUMNS[0] not in rows.columns or not rows.height:
        yield None, rows
        return
    ends = periods.rename({"period_end": "partition:period_end"})
    joined = rows.join(ends, on=LINEAGE_COLUMNS[0], how="left", maintain_order="left")
    for (end,), part in sorted(
        joined.partition_by("partition:period_end", as_dict=True, maintain_order=True).items(), key=str
    ):
        yield str(end), part.drop("partition:period_end")


def _resource(contract: TableContract, rows: pl.DataFrame, draft: Path, partition: str) -> dict[str, Any]:
    folder = draft / _safe(contract.table) / partition
    make_folder(folder)
    path = folder / "part-0.parquet"
    # Polars says of a full disk that it is an error of its own; what is in memory is written as any other file.
    made = io.BytesIO()
    rows.write_parquet(made, compression="zstd", statistics=True)
    data = made.getvalue()
    write_file(path, data)
    name = "-".join(filter(None, (_safe(contract.table).lower(), partition.removeprefix("period_end="))))
    return {
        "name": name, "title": contract.title, "path": path.relative_to(draft).as_posix(), "profile": "data-resource",
        "format": "parquet", "mediatype": "application/vnd.apache.parquet", "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}", "rows": rows.height,
        "contract": {"id": contract.id, "version": contract.version}, "schema": _schema(contract, rows),
    }  # fmt: skip


#: What data packages call types that they do not call the same.
_CALLED = {"timestamp": "datetime"}


def _schema(contract: TableContract, rows: pl.DataFrame) -> dict[str, Any]:
    fields: list[dict[str, Any]] = []
    for column in contract.columns:
        required = {"constraints": {"required": True}} if column.required else {}
        described = {"description": column.description} if column.description else {}
        fields.append({"name": column.name, "type": _CALLED.get(column.type, column.type), **described, **required})
    lineage = {"return_id": "string", "source_row": "integer"}
    fields += [{"name": name, "type": kind} for name, kind in lineage.items() if name in rows.columns]
    return {"fields": fields, **({"primaryKey": list(contract.key)} if contract.key else {})}


def _safe(name: str) -> str:
    """A table's name as that of a folder."""
    return re.sub(r"[^\w-]", "_", name, flags=re.ASCII)
