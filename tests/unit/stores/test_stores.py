"""The store, on every engine: migrations, all or nothing, what is current, and no value in messages that must not show it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import psycopg
import pytest

from contract_faults import contracts_of
from databases import new_database
from probation_etl.contracts.findings import make
from probation_etl.contracts.identifiers import quoted
from probation_etl.contracts.model import Column, Mapping, Measure, ReturnContract, TableContract
from probation_etl.contracts.odcs import Contracts
from probation_etl.contracts.organisations import Organisation
from probation_etl.errors import StoreError, UsageError
from probation_etl.intake.claims import Claim
from probation_etl.intake.frames import NO_ROWS, Frames
from probation_etl.intake.received import InBytes
from probation_etl.intake.result import FINDING_SCHEMA, Period, ReturnId, ReturnResult, Source, findings_frame
from probation_etl.intake.verdict import Rows
from probation_etl.stores import RunRecord, Store, connect, store_path, versions
from probation_etl.stores.ledger_file import counted as counted_rows
from probation_etl.stores.migrations import MIGRATIONS
from probation_etl.stores.statements import create_views

CANARY = "CANARY-Q987654"
COLUMNS = (
    Column("library", "string", "Library", required=True),
    Column("ticket", "string", "Ticket", required=True),
    Column("lent_on", "date", "Lent on"),
    Column("fine", "number", "Fine", physical_type="DECIMAL(9,2)"),
)
SENT = ReturnContract(
    id="loans", version="1.0.0", title="Loans", table="loans", columns=COLUMNS, mapping=Mapping("loan", ())
)
FINE = Measure("fine", "fine")
LOAN = TableContract(
    id="loan", version="1.0.0", table="loan", columns=COLUMNS, key=("library", "ticket"), measures=(FINE,)
)
HOSTILE = 'loan"; DROP TABLE ledger.returns; --'
TABLES = {"shelves": pl.DataFrame({"shelf": ["A", "B"], "room": ["1", None]})}


def opened(url: str, contracts: Contracts | None = None) -> Store:
    return connect(url, contracts or contracts_of(SENT, LOAN), TABLES)


def returned(
    tickets: Iterable[str], *, end: str = "2020-03-01", verdict: Any = "accepted", sender: str = "TOWN", bad: int = 0
) -> tuple[ReturnResult, dict[str, pl.DataFrame]]:
    """A return with a loan for each ticket, and its rows of the unified table."""
    names = list(tickets)
    result = ReturnResult(
        ReturnId(
            SENT, Organisation(sender, f"{sender} library", "library", "", None, None),
            Period(None, date.fromisoformat(end)), hashlib.sha256(f"{names} {end} {sender}".encode()).hexdigest(),
        ),
        Source(f"{sender}_{end}_{len(names)}.csv"), verdict=verdict, rows=Rows(len(names) + bad, len(names), bad),
        accepted_rows=NO_ROWS, found=Frames.of(pl.DataFrame(schema=FINDING_SCHEMA)),
        quarantined_rows=Frames.of(pl.DataFrame({"source_row": range(100, 100 + bad), "c0": [CANARY] * bad})) if bad else NO_ROWS,
    )  # fmt: skip
    rows = pl.DataFrame(
        {
            "library": [sender] * len(names), "ticket": names, "lent_on": [date(2020, 2, 1)] * len(names),
            "fine": [Decimal("0.50")] * len(names), "return_id": [result.return_id] * len(names),
            "source_row": range(2, 2 + len(names)),
        },
        schema={"library": pl.String, "ticket": pl.String, "lent_on": pl.Date, "fine": pl.Decimal(9, 2), "return_id": pl.String, "source_row": pl.Int64},
    )  # fmt: skip
    return result, ({"loan": rows} if result.is_loadable else {})


def in_parts(given: tuple[ReturnResult, dict[str, pl.DataFrame]]) -> tuple[ReturnResult, dict[str, Frames]]:
    """The same as a run loads it."""
    result, unified = given
    return result, {table: Frames.of(rows) for table, rows in unified.items()}


def tickets(store: Store) -> list[str]:
    return sorted(store.table("loan")["ticket"])


def counted(store: Store) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Rows and fines by return and stage."""
    return {(row["return_id"], row["stage"]): (row["rows"], row["fine"]) for row in store.totals("loan").to_dicts()}


def query(url: str, text: str) -> list[tuple[Any, ...]]:
    """What another process would see."""
    path = store_path(url)
    if path is None:
        with psycopg.connect(url) as connection:
            return connection.execute(text.encode()).fetchall()
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(text).fetchall()


class TestOpening:
    """A store is made where there is none, brought up to date where it is old, and refused where it is newer."""

    def test_a_new_store_has_every_migration(self, url: str) -> None:
        opened(url).close()
        versions = query(url, "SELECT version FROM ledger.migrations ORDER BY 1")
        assert versions == [(at,) for at in range(1, len(MIGRATIONS) + 1)]

    def test_a_store_has_a_name_of_its_own_for_good(self, url: str) -> None:
        with opened(url) as store:
            name = store.preparation.identity
        with opened(url) as store:
            assert store.preparation.identity == name
        assert len(bytes.fromhex(name)) == 8

    def test_a_new_migration_runs_once_and_keeps_what_is_there(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with opened(url) as store:
            store.load(*returned("ab"))
        monkeypatch.setattr(versions, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE ledger.notes (text VARCHAR)"))
        for _ in range(2):
            with opened(url) as store:
                assert tickets(store) == ["a", "b"]
        assert query(url, "SELECT COUNT(*) FROM ledger.notes") == [(0,)]
        assert query(url, "SELECT MAX(version), COUNT(*) FROM ledger.migrations") == [(len(MIGRATIONS) + 1,) * 2]

    def test_a_migration_that_fails_changes_nothing(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        with opened(url) as store:
            store.load(*returned("ab"))
        with monkeypatch.context() as patch:
            patch.setattr(
                versions, "MIGRATIONS", (*MIGRATIONS, "CREATE TABLE ledger.notes (n INTEGER); SELECT * FROM gone")
            )
            with pytest.raises(StoreError, match=r"CatalogException|UndefinedTable"):
                opened(url)
        with opened(url) as store:
            assert tickets(store) == ["a", "b"]
        assert query(url, "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = 'notes'") == [(0,)]

    def test_a_newer_store_is_refused_and_let_go(self, url: str) -> None:
        opened(url).close()
        newer = len(MIGRATIONS) + 1
        with opened(url) as store:
            store.query(f"INSERT INTO ledger.migrations VALUES ({newer}) RETURNING version")
        with pytest.raises(StoreError, match=f"version {newer}.*newer"):
            opened(url)
        assert query(url, "SELECT 1") == [(1,)]

    @pytest.mark.parametrize("unknown", ["", "duckdb:///", "duckdb://a", "sqlite:///a", "a.duckdb"])
    def test_an_unknown_url_is_a_usage_error(self, unknown: str) -> None:
        with pytest.raises(UsageError, match=r"kind of store .* is not known"):
            store_path(unknown)

    def test_four_slashes_are_an_absolute_path(self) -> None:
        assert store_path("duckdb:////srv/a.duckdb") == Path("/srv/a.duckdb")
        assert store_path("duckdb:///a.duckdb") == Path("a.duckdb")

    def test_reference_tables_are_in_the_store(self, url: str) -> None:
        opened(url).close()
        assert query(url, "SELECT * FROM reference.shelves ORDER BY 1") == [("A", "1"), ("B", None)]

    def test_a_changed_contract_adds_its_column_and_keeps_the_rows(self, url: str) -> None:
        with opened(url) as store:
            store.load(*returned("ab"))
        wider = replace(LOAN, columns=(*COLUMNS, Column("genre", "string", "Genre")))
        with opened(url, contracts_of(SENT, wider, digest="2")) as store:
            assert store.table("loan")["genre"].to_list() == [None, None]
            assert tickets(store) == ["a", "b"]


class TestTransactions:
    """What is written becomes visible together, or not at all."""

    @pytest.mark.parametrize("kind", [RuntimeError, KeyboardInterrupt, pl.exceptions.PanicException])
    def test_an_exception_inside_leaves_nothing(self, kind: type[BaseException], url: str) -> None:
        with opened(url) as store:
            store.load(*returned("a"))

            def fill() -> None:
                with store.transaction():
                    engine_run = store.returns().height
                    store.begin_run(_record("run")).load(*in_parts(returned("bcd", end="2020-03-15", bad=2)))
                    assert store.returns().height == engine_run + 1
                    raise kind

            with pytest.raises(kind):
                fill()
            assert tickets(store) == ["a"]
            assert store.returns().height == 1
            assert not store.ledger.has_run("run")
        assert query(url, "SELECT COUNT(*) FROM quarantine.rows") == [(0,)]
        assert query(url, "SELECT COUNT(*) FROM history.loan") == [(1,)]

    def test_a_store_still_works_after_an_exception(self, url: str) -> None:
        with opened(url) as store:
            with pytest.raises(RuntimeError), store.transaction():
                raise RuntimeError
            store.load(*returned("a"))
            assert tickets(store) == ["a"]

    def test_a_dry_run_sees_what_it_wrote_and_leaves_nothing(self, url: str) -> None:
        with opened(url) as store:
            with store.transaction(keep=False):
                store.begin_run(_record("run")).load(*in_parts(returned("ab")))
                assert tickets(store) == ["a", "b"]
            assert tickets(store) == []
            assert not store.ledger.has_run("run")

    def test_a_statement_that_fails_undoes_all_of_its_return(self, url: str) -> None:
        result, rows = returned("ab", bad=1)
        with opened(url) as store:
            with pytest.raises(StoreError):
                store.load(result, {**rows, "gone": rows["loan"]})
            assert (tickets(store), store.returns().height) == ([], 0)


class TestLoading:
    """The ledger knows each return once."""

    def test_a_return_loaded_twice_is_there_once(self, url: str) -> None:
        result, rows = returned("ab", bad=1)
        with opened(url) as store:
            for _ in range(2):
                store.load(result, rows)
            assert tickets(store) == ["a", "b"]
            assert store.returns()["return_id"].to_list() == [result.return_id]
            assert store.ledger.has_run(f"library:{result.return_id}")
            assert len(store.ledger.known(result.sha256)) == 1
        assert query(url, "SELECT COUNT(*) FROM quarantine.rows") == [(1,)]

    def test_all_submissions_for_one_period_are_listed_in_order(self, url: str) -> None:
        sent = [returned("a"), returned("ab"), returned("a", sender="CITY"), returned("a", end="2020-04-01")]
        sent.append(returned("abc", verdict="rejected"))
        with opened(url) as store:
            for each in sent:
                store.load(*each)
            found = store.ledger.sent_for(Claim("TOWN", SENT.kind, date(2020, 3, 1)))
            assert [each.return_id for each in found] == [sent[at][0].return_id for at in (0, 1, 4)]
            assert store.ledger.sent_for(Claim("TOWN", "other", date(2020, 3, 1))) == []

    def test_it_is_still_there_once_when_the_store_was_closed_in_between(self, url: str) -> None:
        for _ in range(2):
            with opened(url) as store:
                store.load(*returned("ab"))
        assert query(url, "SELECT COUNT(*) FROM history.loan") == [(2,)]

    def test_findings_and_rows_in_quarantine_are_kept(self, url: str) -> None:
        result, rows = returned("a", bad=2, verdict="partly_accepted")
        found = findings_frame([make("missing-value", column="Ticket", row=100, rule="ticket|required")])
        with opened(url) as store:
            store.load(replace(result, found=Frames.of(found)), rows)
        assert query(url, "SELECT source_row, cells FROM quarantine.rows ORDER BY 1") == [
            (100, f'["{CANARY}"]'),
            (101, f'["{CANARY}"]'),
        ]
        assert query(url, "SELECT code, source_row, column_name, value FROM quarantine.findings") == [
            ("missing-value", 100, "Ticket", None)
        ]

    def test_a_return_of_nobody_knows_what_is_kept_too(self, url: str) -> None:
        nobody = ReturnResult(
            ReturnId(None, None, Period(), "0" * 64), Source("x.csv"), "rejected", Rows(), NO_ROWS, NO_ROWS,
            Frames.of(findings_frame([make("unidentified-return", expected="?")])),
        )  # fmt: skip
        with opened(url) as store:
            store.load(nobody, {})
            assert store.returns().select("contract_id", "supplier_code", "loaded", "is_current").rows() == [
                (None, None, False, False)
            ]

    def test_totals_are_counted_at_every_stage_by_return(self, url: str) -> None:
        first, second = returned("ab", bad=1), returned("bcd", end="2020-03-15")
        with opened(url) as store:
            store.load(*first)
            store.load(*second)
            one, two = first[0].return_id, second[0].return_id
            assert counted(store) == {
                (one, "sent"): (2, Decimal(1)), (one, "stored"): (2, Decimal(1)),
                (one, "superseded"): (1, Decimal("0.5")), (one, "current"): (1, Decimal("0.5")),
                (one, "unified"): (1, Decimal("0.5")),
                **{(two, stage): (3, Decimal("1.5")) for stage in ("sent", "stored", "current", "unified")},
            }  # fmt: skip
            assert store.query("SELECT return_id, COUNT(*) FROM quarantine.rows GROUP BY return_id").rows() == [
                (one, 1)
            ]

    def test_a_measure_whose_meaning_has_changed_is_not_compared_with_its_old_totals(self, url: str) -> None:
        with opened(url) as store:
            store.load(*returned("ab"))
        twice = replace(LOAN, measures=(Measure("fine", "fine * 2"), Measure("dear", "fine > 0.4")))
        with opened(url, contracts_of(SENT, twice, digest="2")) as store:
            rows = {row["stage"]: (row["rows"], row["fine"], row["dear"]) for row in store.totals("loan").to_dicts()}
            assert rows["sent"] == (2, None, None)
            assert rows["stored"] == (2, 2, 2)


class TestWhatIsCurrent:
    """A later return for the same period replaces the earlier; of two periods the later one gives the state of a key."""

    CASES: tuple[tuple[str, list[Callable[[], Any]], list[str]], ...] = (
        ("a correction replaces", [lambda: returned("ab"), lambda: returned("bc")], ["b", "c"]),
        ("two corrections: the last", [lambda: returned("ab"), lambda: returned("bc"), lambda: returned("d")], ["d"]),
        ("a rejected one does not", [lambda: returned("ab"), lambda: returned("c", verdict="rejected")], ["a", "b"]),
        ("bad, then good", [lambda: returned("c", verdict="rejected"), lambda: returned("ab")], ["a", "b"]),
        ("good, bad, good", [lambda: returned("ab"), lambda: returned("c", verdict="rejected"), lambda: returned("d")], ["d"]),
        ("a nil return replaces", [lambda: returned("ab"), lambda: returned("")], []),
        ("another period adds", [lambda: returned("ab"), lambda: returned("c", end="2020-03-15")], ["a", "b", "c"]),
        ("another supplier adds", [lambda: returned("ab"), lambda: returned("a", sender="CITY")], ["a", "a", "b"]),
        ("the original again does not", [lambda: returned("ab"), lambda: returned("c"), lambda: returned("ab")], ["c"]),
    )  # fmt: skip

    @pytest.mark.parametrize(("arrivals", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
    def test_sequence(self, arrivals: list[Callable[[], Any]], expected: list[str], url: str) -> None:
        with opened(url) as store:
            for arrival in arrivals:
                store.load(*arrival())
            assert tickets(store) == expected

    @pytest.mark.parametrize("order", [("2020-03-01", "2020-03-15"), ("2020-03-15", "2020-03-01")])
    def test_of_two_periods_with_one_key_the_later_wins_whatever_came_first(
        self, order: tuple[str, str], url: str
    ) -> None:
        with opened(url) as store:
            for end in order:
                store.load(*returned("ab" if end == "2020-03-01" else "bc", end=end))
            assert tickets(store) == ["a", "b", "c"]
            owners = dict(store.table("loan").select("ticket", "return_id").rows())
        assert "2020-03-15" in owners["b"]
        assert "2020-03-01" in owners["a"]

    def test_what_may_be_referred_to_is_the_suppliers_own_of_this_or_an_earlier_period(self, url: str) -> None:
        with opened(url) as store:
            for tickets_, end, sender in (
                ("a", "2020-03-01", "TOWN"),
                ("b", "2020-03-15", "TOWN"),
                ("c", "2020-03-01", "CITY"),
            ):
                store.load(*returned(tickets_, end=end, sender=sender))

            tickets = pl.DataFrame({"asked": ["a", "b", "c", "d"]})

            def referable(end: str) -> list[str]:
                town = Organisation("TOWN", "Town library", "library", "", None, None)
                known = store.references(town, date.fromisoformat(end))("loan")
                assert known is not None
                assert known.total(pl.len()) == len(tickets) - known.missing(tickets, ["ticket"]).height
                return sorted({*tickets["asked"]} - {*known.missing(tickets, ["ticket"])["asked"]})

            assert referable("2020-02-01") == []
            assert referable("2020-03-01") == ["a"]
            assert referable("2020-04-01") == ["a", "b"]


class TestNames:
    """Names come from contracts and are quoted; they cannot end their quotes."""

    @pytest.mark.parametrize("name", ["plain", 'a"b', 'a";DROP TABLE x;--', "", "ä é", "select"])
    def test_a_quoted_name_is_one_identifier(self, name: str) -> None:
        inside = quoted(name)[1:-1].replace('""', "")
        assert '"' not in inside
        assert quoted(name)[0] == quoted(name)[-1] == '"'

    def test_hostile_names_of_tables_and_columns_are_only_names(self, url: str) -> None:
        column = 'fi"ne; DROP TABLE ledger.returns'
        contract = replace(
            LOAN, table=HOSTILE, columns=(*COLUMNS[:3], Column(column, "string", "Fine")), key=("ticket",), measures=()
        )
        result, rows = returned("ab")
        frame = rows["loan"].drop("fine").with_columns(pl.lit("x").alias(column))
        with opened(url, contracts_of(SENT, contract)) as store:
            store.load(result, {HOSTILE: frame})
            assert store.table(HOSTILE)[column].to_list() == ["x", "x"]
            assert store.returns().height == 1

    def test_values_of_a_file_are_never_sql(self, url: str) -> None:
        hostile = "x'); DROP TABLE ledger.returns; --"
        result, rows = returned([hostile])
        with opened(url) as store:
            store.load(replace(result, source=Source(hostile, hostile)), rows)
            assert tickets(store) == [hostile]
            assert store.ledger.known(hostile) == []
            assert store.ledger.known(result.sha256)[0].file == hostile

    def test_views_come_after_the_tables_they_read(self) -> None:
        def view(name: str, *reads: str) -> TableContract:
            text = "SELECT 1 AS one" + "".join(f" FROM unified.{each}" for each in reads)
            return TableContract(id=name, version="1.0.0", table=name, columns=COLUMNS, is_view=True, query=text)

        statements = create_views([view("a", "b"), view("b", "c"), view("c", "loan"), LOAN])
        made = [text.split('"')[1] for _, text in statements if "VIEW unified." in text]
        assert made == ["loan", "c", "b", "a"]


class TestMessages:
    """What a store says never holds a value."""

    def test_an_error_of_the_engine_passes_on_its_kind_alone(self, url: str) -> None:
        result, rows = returned("ab")
        wrong = rows["loan"].with_columns(pl.lit(CANARY).alias("fine"))
        with opened(url) as store:
            with pytest.raises(
                StoreError, match=r"failed \((ConversionException|InvalidTextRepresentation)\)"
            ) as caught:
                store.load(result, {"loan": wrong})
            assert CANARY not in str(caught.value)
            assert caught.value.__cause__ is None
            assert caught.value.__suppress_context__

    def test_a_number_too_big_for_its_column_is_reported_without_its_value(self, url: str) -> None:
        result, rows = returned("a")
        wide = rows["loan"].with_columns(pl.lit("123456789012345").cast(pl.Decimal(20, 2)).alias("fine"))
        with opened(url) as store, pytest.raises(StoreError) as caught:
            store.load(result, {"loan": wide})
        assert "123456789012345" not in str(caught.value)


def test_a_server_counts_what_a_run_adds_before_anything_joins_it(server: str) -> None:
    """By guesses it joins each row of a large return with all others, one by one, for hours."""
    indexes = "SELECT indexname FROM pg_indexes WHERE schemaname = 'history' AND tablename = 'loan' ORDER BY 1"
    counted_columns = "SELECT attname FROM pg_stats WHERE schemaname = 'history' AND tablename = 'loan'"
    with opened(new_database(server)) as store:
        assert store.query(indexes).is_empty()  # without them a first load takes half the time
        with store.transaction():
            store.begin_run(_record("run-1")).load(*in_parts(returned(map(str, range(100)))))
            assert "until_run" in store.query(counted_columns)["attname"]
        assert store.query(indexes)["indexname"].to_list() == ["loan by key", "loan by return"]


def test_a_received_file_is_kept_in_parts_and_purged_with_all_of_them(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("probation_etl.intake.received.PART", 4)
    result, unified = returned("ab")
    content = InBytes(b"ticket\na\nb\n")
    with opened(url) as store:
        store.load(replace(result, source=replace(result.source, received=content)), unified)
        assert list(store.content_parts(result.sha256)) == [b"tick", b"et\na", b"\nb\n"]
        assert store.content(result.sha256) == content.data
        assert store.content("of no file") is None
        with store.transaction():
            store.begin_run(_record("run-1")).purge({result.return_id: date(2021, 1, 1)}, reason="old")
        assert store.content(result.sha256) is None
        assert store.query("SELECT * FROM received.further_parts").is_empty()


def test_digests_of_rows_are_the_same_however_many_are_in_memory(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that programs before wrote down are of all rows of a return in memory, in order."""
    texts = ['a "quoted", text', "", "Z", "z\nline", "é", "ß", "a", " a"]
    first, second = returned(texts, bad=3), returned(["y", "x"], sender="VILLAGE")
    first[1]["loan"] = first[1]["loan"].with_columns(
        fine=pl.Series([None, *(Decimal(n) / 4 - 1 for n in range(7))], dtype=pl.Decimal(9, 2)),
        lent_on=pl.lit(None, dtype=pl.Date), library=pl.when(pl.col("source_row") != 4).then("library"),
    )  # fmt: skip
    with opened(url) as store:
        store.load(*first)
        store.load(*second)
        found = []
        for many in (100, 9, 3, 1):
            monkeypatch.setattr(counted_rows, "_MANY", many)
            monkeypatch.setattr(counted_rows, "_PIECE", 3)
            with store.transaction(keep=False):
                found.append({name: each.digest for name, each in counted_rows.holdings(store._engine).items()})
    assert len(set(found[0].values())) == 2
    assert found == [found[0]] * 4


def _record(run_id: str) -> RunRecord:
    return RunRecord(run_id, datetime(2020, 3, 2), "1", "0")
