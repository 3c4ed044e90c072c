"""Release checks on the tables of an invented library: loans of books."""

from __future__ import annotations

import logging
import subprocess
import sys
import tempfile
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from databases import new_database
from probation_etl.contracts.model import Column, GivenExpectation, ReleaseQuery, TableContract
from probation_etl.errors import ContractError, EnvironmentFailure, TooLongError
from probation_etl.stores import checked_tables, duckdb
from probation_etl.stores.checked_tables import CheckedTables
from probation_etl.stores.duckdb import DuckDBEngine
from probation_etl.stores.engine import Engine
from probation_etl.stores.postgres import PostgresEngine
from probation_etl.unified.release_checks import (
    CheckResult,
    Figure,
    InFrames,
    check_releases,
    figures_of,
    parts,
    sources,
    to_expectation_suite,
)
from probation_etl.unified.release_checks.library import Library

if TYPE_CHECKING:
    from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

CANARY = "CANARY-7Q"
COLUMNS = (
    Column("reader", "string", "Reader", required=True, pattern=r"^R\d{3}$", restricted=True),
    Column("shelf", "string", "Shelf", min_length=1, max_length=4),
    Column("genre", "string", "Genre", labels={"crime": "Crime", "poetry": "Poetry"}),
    Column("lent_on", "date", "Lent on", required=True, minimum=date(2020, 3, 24)),
    Column("due_on", "date", "Due on", exclusive_maximum=date(2031, 1, 1)),
    Column("fine", "number", "Fine", minimum=Decimal("0.1"), maximum=Decimal("200.3")),
    Column("share", "number", "Share", exclusive_minimum=Decimal(0), exclusive_maximum=Decimal(1)),
    Column("renewals", "integer", "Renewals", minimum=Decimal(0), maximum=Decimal(9)),
    Column("ticket", "string", "Ticket", unique=True),
    Column("paid", "boolean", "Paid"),
)
OWN = (
    {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 2}},
    {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "renewals", "max_value": 5}},
    {"type": "expect_column_min_to_be_between", "kwargs": {"column": "lent_on", "min_value": "2020-03-24"}},
    {
        "type": "expect_column_distinct_values_to_contain_set",
        "kwargs": {"column": "genre", "value_set": ["crime"]},
    },
)
#: What a contract says of an expectation beside its type and arguments, with the names of our fields.
SAID = {"id": "name", "name": "title", "description": "message", "severity": "severity"}
GOOD: dict[str, list[Any]] = {
    "reader": ["R001", "R001", "R003", "R004"],
    "shelf": ["A", "A", None, "A123"],
    "genre": ["crime", "poetry", None, "crime"],
    "lent_on": [date(2020, 3, 24), date(2020, 3, 24), date(2021, 1, 1), date(2022, 1, 1)],
    "due_on": [date(2030, 12, 31), None, None, date(2020, 1, 1)],
    "fine": [Decimal("0.10"), Decimal("200.30"), None, Decimal("5.00")],
    "share": [0.001, 0.999, None, 0.5],
    "renewals": [0, 9, None, 1],
    "ticket": ["t1", "t2", None, None],
    "paid": [True, False, None, True],
    "return_id": ["one", "one", "one", "one"],
    "source_row": [2, 3, 4, 5],
}
TYPES: dict[str, Any] = {
    "lent_on": pl.Date, "due_on": pl.Date, "fine": pl.Decimal(28, 6), "share": pl.Float64,
    "renewals": pl.Int64, "paid": pl.Boolean, "source_row": pl.Int64,
} | dict.fromkeys(("reader", "shelf", "genre", "ticket", "return_id"), pl.String)  # fmt: skip
ALL_CHECKS = [
    "reader|exists", "reader|required", "reader|pattern", "shelf|exists", "shelf|length", "genre|exists",
    "genre|not-in-list", "lent_on|exists", "lent_on|required", "lent_on|minimum", "due_on|exists",
    "due_on|exclusive-maximum", "fine|exists", "fine|minimum", "fine|maximum", "share|exists",
    "share|exclusive-minimum", "share|exclusive-maximum", "renewals|exists", "renewals|minimum",
    "renewals|maximum", "ticket|exists", "ticket|unique", "paid|exists", "key|unique",
    "table|row-count-to-be-between", "renewals|mean-to-be-between", "lent_on|min-to-be-between",
    "genre|distinct-values-to-contain-set",
]  # fmt: skip


def a_contract(**changes: Any) -> TableContract:
    given: dict[str, Any] = {
        "id": "loan", "version": "1.0.0", "title": "Loans", "description": "",
        "table": "loan", "columns": COLUMNS, "key": ("reader", "lent_on", "ticket", "renewals"),
        "expectations": OWN,
    }  # fmt: skip
    contract = given | changes
    return TableContract(**contract | {"expectations": tuple(map(an_expectation, contract["expectations"]))})


def an_expectation(given: dict[str, Any]) -> GivenExpectation:
    said = {ours: given[theirs] for theirs, ours in SAID.items() if theirs in given}
    return GivenExpectation(str(given.get("type")), given.get("kwargs") or {}, **said)


def a_frame(**changes: list[Any]) -> pl.DataFrame:
    return pl.DataFrame(GOOD | changes, schema_overrides=TYPES)


def check(frame: pl.DataFrame, **changes: Any) -> dict[str, CheckResult]:
    results = check_releases(InFrames({"loan": frame}), [a_contract(**changes)])
    assert len({result.check for result in results}) == len(results)
    return {result.check: result for result in results}


def failing(frame: pl.DataFrame, **changes: Any) -> dict[str, str]:
    return {name: result.detail for name, result in check(frame, **changes).items() if not result.passed}


def test_good_data_passes_every_check_in_the_order_of_the_contract() -> None:
    results = check(a_frame())
    assert list(results) == ALL_CHECKS
    assert all(result.passed and result.table == "loan" for result in results.values())
    assert results["genre|not-in-list"].detail == "expected one of: crime, poetry: 0 of 4 rows fail"
    assert results["fine|minimum"].detail == "expected at least 0.1: 0 of 4 rows fail"
    assert results["reader|exists"].detail == "expected the column to exist: it holds"


# Each value goes into the last row, so that exactly one row is bad unless said otherwise.
@pytest.mark.parametrize(
    ("column", "value", "name", "rows"),
    [
        ("reader", None, "reader|required", 1),
        ("reader", "R01x", "reader|pattern", 1),
        ("reader", "R٣٣٣", "reader|pattern", 1),
        ("reader", "R001\n", "reader|pattern", 1),
        ("shelf", CANARY, "shelf|length", 1),
        ("genre", CANARY, "genre|not-in-list", 1),
        ("lent_on", date(2020, 3, 23), "lent_on|minimum", 1),
        ("due_on", date(2031, 1, 1), "due_on|exclusive-maximum", 1),
        ("due_on", date(9999, 12, 31), "due_on|exclusive-maximum", 1),
        ("fine", Decimal("0.099999"), "fine|minimum", 1),
        ("fine", Decimal("200.300001"), "fine|maximum", 1),
        ("share", 0.0, "share|exclusive-minimum", 1),
        ("share", 1.0, "share|exclusive-maximum", 1),
        ("renewals", -1, "renewals|minimum", 1),
        ("renewals", 10, "renewals|maximum", 1),
        ("ticket", "t1", "ticket|unique", 2),
    ],
)
def test_bad_value_fails_its_check_alone(column: str, value: Any, name: str, rows: int) -> None:
    contract = a_contract()
    frame = a_frame(**{column: [*GOOD[column][:3], value]})
    found = failing(frame, columns=(contract.column(column),), key=(), expectations=())
    assert list(found) == [name]
    assert found[name].endswith(f": {rows} of 4 rows fail")


@pytest.mark.parametrize("ticket", ["t1", None], ids=["same value", "both missing"])
def test_key_of_several_columns_takes_missing_values_as_equal(ticket: str | None) -> None:
    frame = a_frame(ticket=[ticket, ticket, "t3", "t4"], renewals=[None, None, 1, 1])
    expected = "expected no two rows with the same reader, lent_on, ticket, renewals: 2 of 4 rows fail"
    assert failing(frame)["key|unique"] == expected


def test_key_of_one_column_leaves_missing_values_to_required() -> None:
    assert failing(a_frame(), key=("ticket",)) == {}
    repeated = failing(a_frame(), key=("reader",))
    assert repeated == {"key|unique": "expected no two rows with the same reader: 2 of 4 rows fail"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"genre": ["poetry"] * 4}, "genre|distinct-values-to-contain-set"),
        ({"renewals": [9, 9, 9, 9]}, "renewals|mean-to-be-between"),
    ],
)
def test_expectation_of_the_contract_itself_fails(changes: dict[str, list[Any]], name: str) -> None:
    found = failing(a_frame(**changes))
    assert list(found) == [name]
    assert found[name].endswith(": it does not hold")


def test_a_table_without_rows_is_checked_as_a_whole_only() -> None:
    results = check(a_frame().clear())
    whole = ALL_CHECKS[ALL_CHECKS.index("key|unique") + 1 :]
    assert {name for name, result in results.items() if not result.passed} <= set(whole)
    assert not results["table|row-count-to-be-between"].passed
    assert not results["genre|distinct-values-to-contain-set"].passed
    assert results["reader|pattern"].detail == r"expected the form ^R\d{3}$: 0 of 0 rows fail"


def test_column_without_any_value_passes_unless_required() -> None:
    nothing = [None] * 4
    changes = dict.fromkeys(("shelf", "genre", "due_on", "fine", "share", "renewals", "paid"), nothing)
    found = failing(a_frame(**changes), expectations=())
    assert found == {}
    untyped = a_frame().with_columns(pl.lit(None).alias(name) for name in changes)
    assert failing(untyped, expectations=()) == {}


def test_missing_column_fails_by_name_and_leaves_the_other_checks_alone() -> None:
    found = failing(a_frame().drop("genre"))
    not_computed = ("genre|not-in-list", "genre|distinct-values-to-contain-set")
    assert found.pop("genre|exists") == "expected the column to exist: it does not hold"
    assert list(found) == list(not_computed)
    assert all(detail.endswith(": the check could not be computed") for detail in found.values())


def test_check_that_raises_has_failed_and_shows_nothing_of_the_data() -> None:
    column = Column("shelf", "string", "Shelf", maximum=Decimal(4))
    found = failing(a_frame(shelf=[CANARY] * 4), columns=(column,), key=(), expectations=())
    assert found == {"shelf|maximum": "expected at most 4: the check could not be computed"}


def test_no_value_of_the_data_is_shown_even_if_the_contract_asks_for_it() -> None:
    loud = {"result_format": {"result_format": "COMPLETE", "include_unexpected_rows": True}, "max_value": 1}
    own = (
        {"type": "expect_column_max_to_be_between", "kwargs": {"column": "source_row", **loud}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "source_row", **loud}},
        {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "reader", **loud}},
    )
    text = {name: [CANARY] * 4 for name in ("reader", "shelf", "genre", "ticket")}
    found = failing(a_frame(**text, source_row=[987654] * 4), expectations=own)
    assert {"reader|pattern", "shelf|length", "genre|not-in-list", "ticket|unique"} < set(found)
    assert {"source_row|max-to-be-between", "source_row|values-to-be-between"} < set(found)
    assert found["reader|mean-to-be-between"].endswith(": the check could not be computed")
    assert CANARY not in str(found)
    assert "987654" not in str(found)


def test_names_stay_apart_when_an_expectation_comes_twice() -> None:
    stricter = OWN[1] | {"kwargs": {"column": "renewals", "max_value": 1}}
    found = failing(a_frame(), expectations=(OWN[1], stricter))
    assert list(found) == ["renewals|mean-to-be-between (2)"]


def test_unknown_expectation_is_a_fault_of_the_contract() -> None:
    unknown = {"type": "expect_wonders", "kwargs": {"column": "shelf"}}
    with pytest.raises(ContractError, match=r"^loan: the expectation ‘expect_wonders’ \(shelf\|wonders\)"):
        to_expectation_suite(a_contract(expectations=(unknown,)))
    wrong = {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "shelf", "maximum": 1}}
    with pytest.raises(ContractError, match=r"‘None’ (.*) was refused"):
        to_expectation_suite(a_contract(expectations=({"kwargs": None},)))
    with pytest.raises(ContractError, match="refused"):
        check_releases(InFrames({"loan": a_frame()}), [a_contract(expectations=(wrong,))])


def test_views_are_checked_and_absent_tables_passed_over() -> None:
    columns = (Column("week", "date", "Week", required=True),)
    contracts = [
        a_contract(is_view=is_view, table=table, id=table, columns=columns, key=(), expectations=())
        for is_view, table in ((True, "weekly"), (False, "absent"))
    ]
    frame = pl.DataFrame({"week": [date(2020, 5, 10)]})
    results = check_releases(InFrames({"weekly": frame, "other": frame}), contracts)
    assert [(result.table, result.check) for result in results] == [
        ("weekly", "week|exists"),
        ("weekly", "week|required"),
    ]


def test_suite_is_written_as_json_with_names_and_words() -> None:
    suite: Any = to_expectation_suite(a_contract()).to_json_dict()
    written = {each["meta"]["check"]: each for each in suite["expectations"]}
    assert list(written) == ALL_CHECKS
    assert written["fine|minimum"]["kwargs"] == {"column": "fine", "min_value": 0.1}
    assert written["due_on|exclusive-maximum"]["kwargs"]["max_value"] == "2031-01-01"
    assert written["genre|not-in-list"]["description"] == "one of: crime, poetry"


def test_nothing_is_printed_logged_or_left_behind(
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("socket.socket.connect", None)
    caplog.set_level(logging.DEBUG)
    column = Column("shelf", "string", "Shelf", pattern="^(A|B)", maximum=Decimal(4))
    assert failing(a_frame(), columns=(column,), key=(), expectations=())
    assert capfd.readouterr() == ("", "")
    assert [record.name for record in caplog.records if record.name.startswith("great_expectations")] == []
    assert list(tmp_path.iterdir()) == []
    library = logging.getLogger("great_expectations")
    assert (library.handlers, library.propagate) == ([], True)


COUNTED = (
    ReleaseQuery("three_rows", "Loans", "There must be three.", "error", "SELECT COUNT(*) FROM unified.loan", "=", 3),
    ReleaseQuery(
        "none_late", "Late loans", "", "warning",
        "WITH late AS (SELECT * FROM unified.loan WHERE due_on < lent_on) SELECT COUNT(*) FROM late", "<=", 0,
    ),
)  # fmt: skip
BAD_FRAMES = {
    "good": {},
    "restricted": {"reader": ["R001", CANARY, "R003", "R003"], "renewals": [0, 9, 987654, 1]},
    "key": {"ticket": ["t1", "t1", "t3", None], "renewals": [None, None, 1, 1]},
    "ends": {"fine": [Decimal("0.099999"), Decimal("200.300001"), None, Decimal("0.1")], "share": [0.0, 1.0, None, 0.5]},
    "pattern": {"reader": ["R001\n", "R٣٣٣", "R003", "R004"], "due_on": [date(2031, 1, 1), None, None, date(2020, 1, 1)]},
    "list": {"genre": [CANARY, "poetry", None, "crime"], "shelf": ["", "A", None, "A1234"], "ticket": ["t", "t", None, None]},
}  # fmt: skip


@pytest.fixture(params=["duckdb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with closing(
        DuckDBEngine(None)
        if request.param == "duckdb"
        else PostgresEngine(new_database(request.getfixturevalue("server")))
    ) as engine:
        yield engine


@contextmanager
def in_database(engine: Engine, frame: pl.DataFrame) -> Iterator[CheckedTables]:
    """The table in a transaction that is not committed."""
    kinds = {
        pl.Date: "DATE",
        pl.Float64: "DOUBLE PRECISION",
        pl.Int64: "BIGINT",
        pl.Boolean: "BOOLEAN",
        pl.String: "VARCHAR",
    }
    columns = ", ".join(f"{name} {kinds.get(kind.base_type(), 'DECIMAL(28,6)')}" for name, kind in frame.schema.items())
    with engine.transaction(keep=False):
        engine.execute("CREATE SCHEMA unified")
        engine.execute(f"CREATE TABLE unified.loan ({columns})")
        engine.append("unified.loan", frame)
        yield CheckedTables(engine, ["loan"])


@pytest.mark.parametrize("name", BAD_FRAMES)
def test_a_database_finds_what_frames_find(name: str, database: Engine, tmp_path: Path) -> None:
    frame, contract = a_frame(**BAD_FRAMES[name]), a_contract(release_queries=COUNTED)
    late = frame.filter(pl.col("due_on") < pl.col("lent_on")).height
    figures = {"loan": {"table|three_rows": Figure(frame.height), "table|none_late": Figure(late)}}
    framed = check_releases(InFrames({"loan": frame}), [contract], figures=figures, data_docs=tmp_path / "frames")
    with in_database(database, frame) as grounds:
        found = check_releases(grounds, [contract], figures=figures, data_docs=tmp_path / "database")
    assert found == framed
    outcome = {each.check: (each.passed, each.severity, each.detail) for each in found}
    assert outcome["table|three_rows"] == (False, "error", "Loans: expected exactly 3: found 4")
    assert outcome["table|none_late"] == (False, "warning", f"Late loans: expected at most 0: found {late}")
    assert not any("could not be computed" in each.detail for each in found)
    pages = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.html")]
    assert not any(value in page for page in pages for value in (CANARY, "987654", "R003", "200.300001"))


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[pl.DataFrame]:
    """The frames that the library gets."""
    found: list[pl.DataFrame] = []

    def batch(library: Library, frame: pl.DataFrame) -> Any:
        found.append(frame)
        return batch_of(library, frame)

    batch_of = Library.batch_of
    monkeypatch.setattr(Library, "batch_of", batch)
    return found


def test_the_library_sees_each_value_once_and_each_key_that_repeats_twice(
    database: Engine, seen: list[pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = a_frame()
    for module in (sources, parts, checked_tables):
        monkeypatch.setattr(module, "FEW", 100)
    with in_database(database, pl.concat([good] * 500)) as grounds:
        found = check_releases(grounds, [a_contract(key=(), expectations=())])
    failing_ = {each.check: each.detail for each in found if not each.passed}
    assert failing_ == {"ticket|unique": f"expected no value twice: {2 * 500} of {500 * good.height} rows fail"}
    assert all(f"of {500 * good.height} rows fail" in each.detail for each in found if "rows fail" in each.detail)
    assert max(each.height for each in seen) <= 2 * good.height


def test_pieces_find_what_the_whole_finds(
    database: Engine, seen: list[pl.DataFrame], monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = {
        "type": "expect_column_pair_values_a_to_be_greater_than_b",
        "kwargs": {"column_A": "due_on", "column_B": "lent_on"},
    }
    frame = pl.concat([a_frame(**changes) for changes in BAD_FRAMES.values()])
    # Of a column that must only be there and have values it is the same which values they are.
    frame = frame.with_columns(source_row=pl.when(pl.col("renewals") == 9).then(None).otherwise("source_row"))
    present = Column("source_row", "integer", "Row", required=True)
    contract = a_contract(columns=(*COLUMNS, present), expectations=(*OWN, pair))
    whole = check_releases(InFrames({"loan": frame}), [contract])
    assert len([each for each in whole if each.detail.endswith(" of 24 rows fail") and not each.passed]) >= 10
    missing = frame["source_row"].null_count()
    assert missing
    assert f"expected a value in every row: {missing} of 24 rows fail" in {
        each.detail for each in whole if each.check == "source_row|required"
    }
    seen.clear()
    for module in (sources, parts, checked_tables):
        monkeypatch.setattr(module, "FEW", 1)
    for module in (sources, checked_tables):
        monkeypatch.setattr(module, "PIECE", 2)
    monkeypatch.setattr(duckdb, "_GROUPS", 6)
    with in_database(database, frame) as grounds:
        assert check_releases(grounds, [contract]) == whole
    assert check_releases(InFrames({"loan": frame}), [contract]) == whole
    # What is expected of all rows at once sees them all, and nothing else does.
    assert {each.width for each in seen if each.height > 4} == {3}


def test_a_part_that_the_library_leaves_out_is_there_when_an_expectation_asks_for_it() -> None:
    code = """if True:
        import sys
        from probation_etl.contracts.model import Column, GivenExpectation, TableContract
        from probation_etl.unified.release_checks import InFrames, check_releases
        import polars as pl
        given = {"values": ["a", "b"], "weights": [0.5, 0.5]}
        column = Column("a", "string", "A")
        own = GivenExpectation("expect_column_kl_divergence_to_be_less_than", {"column": "a", "partition_object": given, "threshold": 0.1})
        table = TableContract(id="t", version="1.0.0", title="T", description="", table="t", columns=(column,), expectations=(own,))
        frame = {"t": pl.DataFrame({"a": ["a", "b"]})}
        assert not {"scipy.stats", "altair"} & sys.modules.keys()
        assert [each.passed for each in check_releases(InFrames(frame), [table])] == [True, True]
        import scipy.stats
        assert type(scipy.stats) is type(sys) and scipy.stats.norm.cdf(0) == 0.5
    """
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_figure_that_is_missing_has_failed_alone_and_says_why() -> None:
    def count(query: str) -> int:
        if query == COUNTED[0].query:
            raise TooLongError(3)
        return 0

    contract = a_contract(release_queries=COUNTED)
    for figures, failed in (
        ({}, {"table|three_rows": "could not be computed", "table|none_late": "could not be computed"}),
        (figures_of([contract], count), {"table|three_rows": "it was ended after 3 seconds"}),
    ):
        found = check_releases(InFrames({"loan": a_frame()}), [contract], figures=figures)
        said = {each.check: each.detail for each in found if not each.passed}
        assert said.keys() == failed.keys()
        assert all(failed[name] in said[name] for name in failed)


@pytest.mark.parametrize(
    ("operator", "passing", "failing_"), [("=", 3, 4), (">", 4, 3), (">=", 3, 2), ("<", 2, 3), ("<=", 3, 4)]
)
def test_a_figure_is_compared_as_the_contract_says(operator: Any, passing: int, failing_: int) -> None:
    query = ReleaseQuery("figure", "Loans", "", "error", "SELECT 1", operator, 3)
    for figure, good in ((passing, True), (failing_, False)):
        figures, contract = {"loan": {"table|figure": Figure(figure)}}, a_contract(release_queries=(query,))
        found = check_releases(InFrames({"loan": a_frame()}), [contract], figures=figures)
        results = {each.check: each.passed for each in found}
        assert results["table|figure"] is good


def test_pages_are_their_owners_alone_and_replace_none_but_our_own(tmp_path: Path) -> None:
    grounds = InFrames({"loan": a_frame()})
    check_releases(grounds, [a_contract()], data_docs=tmp_path / "pages")
    check_releases(InFrames({"loan": a_frame()}), [a_contract()], data_docs=tmp_path / "pages")
    validations = list((tmp_path / "pages" / "validations").rglob("*.html"))
    assert len(validations) == 1
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "pages").rglob("*")} == {0}
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").touch()
    with pytest.raises(EnvironmentFailure, match="holds something else"):
        check_releases(InFrames({"loan": a_frame()}), [a_contract()], data_docs=tmp_path / "letters")
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        check_releases(InFrames({"loan": a_frame()}), [a_contract()], data_docs=tmp_path / "letters" / "letter.txt")


def test_an_expectation_of_the_contract_has_the_name_severity_and_words_that_it_gives() -> None:
    own = {
        **OWN[0],
        "kwargs": {"min_value": 9},
        "id": "enough",
        "name": "nine loans",
        "description": "Else why.",
        "severity": "warning",
    }
    (result,) = [each for each in check(a_frame(), expectations=(own,)).values() if not each.passed]
    assert (result.check, result.severity, result.detail) == (
        "table|enough",
        "warning",
        "expected nine loans: it does not hold",
    )
    suite: Any = to_expectation_suite(a_contract(expectations=(own,))).to_json_dict()
    assert suite["expectations"][-1]["severity"] == "warning"
    assert suite["expectations"][-1]["description"] == "nine loans. Else why."


def test_importing_the_module_does_not_import_the_library() -> None:
    code = "import sys, probation_etl.unified.release_checks; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
