"""Average caseload before and after: by organisation, by kind of provider, and by region.

Averages are never averaged. Several delivery units become one number by dividing their cases by their officers, where
every unit reports both; otherwise the number is not known. Kinds of provider are compared by their median organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from probation_etl.discreet import Discreet
from probation_etl.stores import Store

#: Name that a return gives instead of a delivery unit, in a row for the whole organisation.
_WHOLE = "All units"
_CASELOAD = """
SELECT as_at, provider_kind, provider_code, ldu, region_code, grade, CAST(officers_fte AS DECIMAL(18,2)) AS officers_fte,
       CAST(cases AS BIGINT) AS cases, CAST(average_caseload AS DECIMAL(18,2)) AS average_caseload
FROM {schema}.caseload
"""
_DECIMAL = pl.Decimal(18, 2)


@dataclass(frozen=True)
class Caseload(Discreet):
    """Average caseloads on two days: cases for each full-time equivalent officer (Decimal, two decimals).

    Attributes:
        organisations: ``provider_kind``, ``provider_code``, ``provider_name``, ``region_code``, ``region_name`` (null where
            unallocated, or where its units are in several), ``regions`` (how many they are in), ``grade``, ``before_on``,
            ``before``, ``after_on``, ``after``, ``change``.
        kinds: ``provider_kind``, ``grade``, ``organisations`` with both averages, how many are now ``lower``,
            ``equal``, ``higher``, the medians of their averages ``before`` and ``after``, and the ``change`` from one to the
            other (Float64).
        regions: ``region_code``, ``region_name``, ``provider_kind``, ``grade``, ``organisations``, ``before``, ``after``,
            ``change``.
    """

    organisations: pl.DataFrame
    kinds: pl.DataFrame
    regions: pl.DataFrame


def read_caseload(
    store: Store, providers: pl.DataFrame, regions: pl.DataFrame, *, schema: str, first: date | None, last: date | None
) -> Caseload:
    """Compares the first and the last caseload of each organisation.

    Args:
        store: The store.
        providers: ``provider_code`` and ``provider_name``.
        regions: ``region_code`` and ``region_name``.
        schema: Schema of the table: ``released`` or ``unified``.
        first: Earliest day to use; None for no limit.
        last: Latest day to use; None for no limit.
    """
    rows = store.query(_CASELOAD.format(schema=schema))
    chosen = _chosen(_units(rows), first, last)
    of_organisation = ["provider_kind", "provider_code", "grade"]
    organisations = (
        _sides(chosen, of_organisation)
        .join(_places(chosen, of_organisation), on=of_organisation)
        .join(providers, on="provider_code", how="left")
        .join(regions, on="region_code", how="left")
        .select(
            "provider_kind", "provider_code", "provider_name", "region_code", "region_name", "regions", "grade",
            "before_on", "before", "after_on", "after", "change",
        )
        .sort("grade", "provider_kind", "provider_code")
    )  # fmt: skip
    return Caseload(organisations, _kinds(organisations), _regions(chosen, regions))


def _units(rows: pl.DataFrame) -> pl.DataFrame:
    """The row for the whole organisation where one was sent for the day, otherwise the rows of its units."""
    whole = (pl.col("ldu") == _WHOLE).any().over("as_at", "provider_code", "grade")
    return rows.filter((pl.col("ldu") == _WHOLE) | ~whole)


def _chosen(rows: pl.DataFrame, first: date | None, last: date | None) -> pl.DataFrame:
    """The rows of the first and the last day of each organisation and grade, with the ``side`` that they belong to.

    Where there is only one day, its rows are those before.
    """
    held = rows.filter(pl.col("as_at").is_between(pl.lit(first or date.min), pl.lit(last or date.max)))
    day, own = pl.col("as_at"), ["provider_code", "grade"]
    side = (
        pl.when(day == day.min().over(own))
        .then(pl.lit("before"))
        .when(day == day.max().over(own))
        .then(pl.lit("after"))
    )
    return held.with_columns(side=side).filter(pl.col("side").is_not_null())


def _sides(chosen: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """One row for each group, with the day and the average of both sides."""
    joined = chosen.select(by).unique()
    for side in ("before", "after"):
        part = chosen.filter(pl.col("side") == side).group_by(by).agg(
            _average().alias(side),
            pl.col("as_at").max().alias(f"{side}_on"),
        )  # fmt: skip
        joined = joined.join(part, on=by, how="left", nulls_equal=True)
    return joined.with_columns(change=(pl.col("after") - pl.col("before")).cast(_DECIMAL))


def _average() -> pl.Expr:
    """The average of a single row as it was sent; of several rows, their cases by their officers, where all give both."""
    complete = pl.col("cases").is_not_null().all() & pl.col("officers_fte").is_not_null().all()
    officers = pl.col("officers_fte").sum().cast(pl.Float64)
    some = pl.when(complete & (officers > 0)).then(officers)
    computed = (pl.col("cases").sum().cast(pl.Float64) / some).round(2).cast(_DECIMAL)
    return pl.when(pl.len() == 1).then(pl.col("average_caseload").first()).otherwise(computed)


def _places(chosen: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The region of an organisation, where all its rows are in the same one."""
    one = pl.col("region_code").n_unique() == 1
    return chosen.group_by(by).agg(
        pl.when(one).then(pl.col("region_code").first()).alias("region_code"),
        pl.col("region_code").n_unique().cast(pl.Int64).alias("regions"),
    )


def _kinds(organisations: pl.DataFrame) -> pl.DataFrame:
    change = pl.col("change")
    return (
        organisations.filter(change.is_not_null())
        .group_by("grade", "provider_kind")
        .agg(
            pl.len().cast(pl.Int64).alias("organisations"),
            (change < 0).sum().cast(pl.Int64).alias("lower"),
            (change == 0).sum().cast(pl.Int64).alias("equal"),
            (change > 0).sum().cast(pl.Int64).alias("higher"),
            pl.col("before").cast(pl.Float64).median(),
            pl.col("after").cast(pl.Float64).median(),
        )
        .with_columns(change=(pl.col("after") - pl.col("before")).round(2))
        .select("provider_kind", "grade", "organisations", "lower", "equal", "higher", "before", "after", "change")
        .sort("grade", "provider_kind")
    )


def _regions(chosen: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    by = ["region_code", "provider_kind", "grade"]
    counted = chosen.group_by(by).agg(pl.col("provider_code").n_unique().cast(pl.Int64).alias("organisations"))
    both = _sides(chosen, by).join(counted, on=by, nulls_equal=True)
    named = both.join(regions, on="region_code", how="left")
    return named.select(
        "region_code", "region_name", "provider_kind", "grade", "organisations", "before", "after", "change"
    ).sort("grade", "region_code", "provider_kind", nulls_last=True)
