"""Organisations by code, name and day; the reference tables that ship with the contracts."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from probation_etl.contracts.organisations import Organisation, Reference, Resolution, fold
from probation_etl.contracts.reference_files import read_tables
from probation_etl.errors import ContractError

ROOT = Path(__file__).parents[3]
SPELLINGS = ROOT / "tests" / "data" / "organisation_spellings.csv"
AUTUMN_2020 = date(2020, 9, 28)
LAST_DAY_OF_WALES_CRC = date(2019, 11, 30)

with SPELLINGS.open(encoding="utf-8", newline="") as file:
    SPELLED = list(csv.DictReader(file))
VARIANTS = [(row["variant"], row["code"]) for row in SPELLED if row["code"]]
NO_ONE_NAME = [(row["variant"], row["refusal"]) for row in SPELLED if row["refusal"]]


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    return read_tables(ROOT / "contracts" / "reference")


@pytest.fixture(scope="module")
def reference(tables: dict[str, pl.DataFrame]) -> Reference:
    return Reference.from_tables(tables)


def found(resolution: Resolution) -> str | None:
    """The code of what was resolved without a finding."""
    assert resolution.finding is None
    return resolution.organisation.code if resolution.organisation else None


def refused(resolution: Resolution) -> tuple[str, str]:
    """Code and message of the error."""
    assert resolution.organisation is None
    assert resolution.finding is not None
    assert resolution.finding.severity == "error"
    return resolution.finding.code, resolution.finding.message


# Names as suppliers write them


@pytest.mark.parametrize(("variant", "code"), VARIANTS)
def test_every_spelling_of_the_source_document_that_names_one_organisation(
    reference: Reference, variant: str, code: str
) -> None:
    assert found(reference.resolve(variant, AUTUMN_2020, code=code)) == code
    if (variant, "ambiguous-organisation") not in NO_ONE_NAME:
        assert found(reference.resolve(variant, AUTUMN_2020)) == code


@pytest.mark.parametrize(("variant", "refusal"), NO_ONE_NAME)
def test_every_spelling_of_the_source_document_that_does_not_is_refused(
    reference: Reference, variant: str, refusal: str
) -> None:
    assert refused(reference.resolve(variant, AUTUMN_2020))[0] == refusal


def test_the_spellings_are_all_there_and_each_has_an_outcome_and_a_reason_where_it_needs_one() -> None:
    assert len(SPELLED) == 87
    assert all(row["code"] or row["refusal"] == "unknown-organisation" for row in SPELLED)
    assert all(row["why"] for row in SPELLED if row["refusal"] or row["kind"] not in ("crc", "region"))


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("SouthYorkshire CRC", "C09"),
        ("Kent, Surrey and Sussex CRC DATA CaseloadQ2", "C21"),
        ("Derbyshire, Lincolnshire Nottinghamshire\nand Rutland CRC", "C08"),
        ("Humberside, Lincolnshire & North Yorkshire CRC", "C04"),
        ("Cheshire\u00a0and Greater\u2003Manchester CRC", "C07"),
        ("  BENCH\u200b crc ", "C13"),
        ("Kent\u2013Surrey\u2010Sussex\u2014Region", "N57"),
        ("KENT_SURREY_SUSSEX", "N57"),
        ("West\r\nYorkshire CRC", "C05"),
        ("BGSW (Seetec)", "C15"),
        ("Thames Valley (MTC16)", "C16"),
        ("Essex (Sodexo)", "C18"),
        ("South West", "N58"),
        ("North West", "N51"),
        ("North East", "N54"),
        ("NPS North West division", "N01"),
        ("NPS South West and South Central", "N05"),
        ("NPS Wales", "N03"),
    ],
)
def test_a_name_alone(reference: Reference, label: str, code: str) -> None:
    assert found(reference.resolve(label, AUTUMN_2020)) == code


def test_an_owner_that_is_not_listed_with_the_name_is_not_stripped(reference: Reference) -> None:
    assert refused(reference.resolve("Essex (Seetec)", AUTUMN_2020))[0] == "unknown-organisation"


def test_a_glued_footnote_is_not_removed_unless_listed(reference: Reference) -> None:
    assert refused(reference.resolve("Essex CRC8", AUTUMN_2020))[0] == "unknown-organisation"


def test_a_mark_of_direction_is_reported_and_not_removed(reference: Reference) -> None:
    assert refused(reference.resolve("Essex\u202e CRC", AUTUMN_2020))[0] == "unknown-organisation"


@pytest.mark.parametrize(
    ("label", "codes"),
    [
        ("West Midlands CRC", ("C11", "C12")),
        ("NPS North West", ("N01", "N51")),
        ("NPS North East", ("N02", "N54")),
        ("NPS South West", ("N05", "N58")),
    ],
)
def test_a_name_that_fits_two_organisations_needs_the_code(
    reference: Reference, label: str, codes: tuple[str, str]
) -> None:
    code, message = refused(reference.resolve(label, AUTUMN_2020))
    assert code == "ambiguous-organisation"
    for each in codes:
        organisation = reference.organisation(each, AUTUMN_2020)
        assert organisation is not None
        assert f"{each} ({organisation.name})" in message
        assert found(reference.resolve(label, AUTUMN_2020, code=each)) == each


def test_only_known_names_fit_two_organisations(tables: dict[str, pl.DataFrame]) -> None:
    codes: dict[str, set[str]] = {}
    for label, code in tables["organisation_labels"].select("label", "code").rows():
        codes.setdefault(fold(label), set()).add(code)
    shared = {label for label, named in codes.items() if len(named) > 1}
    assert shared == {"west midlands crc", "nps north west", "nps north east", "nps south west"}


def test_a_day_on_which_only_one_is_valid_settles_a_shared_name() -> None:
    reference = small(
        ("A1", "Old North", "2014-06-01", "2020-03-31"), ("A2", "New North", "2020-04-01", ""),
        labels=[("North", "A1"), ("North", "A2")],
    )  # fmt: skip
    assert found(reference.resolve("North", date(2020, 3, 31))) == "A1"
    assert found(reference.resolve("North", date(2020, 4, 1))) == "A2"
    assert refused(reference.resolve("North", None))[0] == "ambiguous-organisation"


def test_an_unknown_name_is_answered_with_the_nearest_known_one_and_nothing_more(
    reference: Reference,
) -> None:
    code, message = refused(reference.resolve("Northumberland CRC", AUTUMN_2020))
    assert code == "unknown-organisation"
    assert "‘Northumbria CRC’ (C01)" in message


def test_a_name_like_nothing_known_gets_no_suggestion(reference: Reference) -> None:
    assert refused(reference.resolve("☃☃☃", AUTUMN_2020))[1] == "No organisation is called ‘☃☃☃’."


@pytest.mark.parametrize("label", [None, "", " \u00a0\u200b", "-"])
@pytest.mark.parametrize("code", [None, "", "  "])
def test_neither_name_nor_code(reference: Reference, label: str | None, code: str | None) -> None:
    assert refused(reference.resolve(label, AUTUMN_2020, code=code))[0] == "unknown-organisation"


# Codes


@pytest.mark.parametrize("label", [None, "", "-", "Derbyshire, Leicestershire, Nottinghamshire & Rutland CRC"])
@pytest.mark.parametrize("code", ["C08", "c08", " C08\u00a0"])
def test_a_code_with_its_own_name_or_none(reference: Reference, label: str | None, code: str) -> None:
    assert found(reference.resolve(label, AUTUMN_2020, code=code)) == "C08"


def test_a_code_and_the_name_of_another_organisation(reference: Reference) -> None:
    code, message = refused(reference.resolve("Essex CRC", AUTUMN_2020, code="C08"))
    assert code == "ambiguous-organisation"
    assert "C08 (Derbyshire, Leicestershire, Nottinghamshire and Rutland CRC)" in message
    assert "C18 (Essex CRC)" in message


def test_a_code_and_a_shared_name_of_others_names_them_all(reference: Reference) -> None:
    code, message = refused(reference.resolve("West Midlands CRC", AUTUMN_2020, code="N52"))
    assert code == "ambiguous-organisation"
    assert all(each in message for each in ("N52", "C11", "C12"))


def test_a_code_and_an_unknown_name_is_a_warning_that_says_what_the_list_has(reference: Reference) -> None:
    resolution = reference.resolve("Essex Probation", AUTUMN_2020, code="C18")
    assert resolution.organisation == reference.organisation("C18", AUTUMN_2020)
    assert resolution.finding is not None
    assert (resolution.finding.code, resolution.finding.severity) == ("unknown-organisation", "warning")
    assert resolution.finding.value == "Essex Probation"
    assert "‘Essex CRC’" in resolution.finding.message


@pytest.mark.parametrize("label", [None, "Essex CRC"])
def test_an_unknown_code(reference: Reference, label: str | None) -> None:
    code, message = refused(reference.resolve(label, AUTUMN_2020, code="C99"))
    assert code == "unknown-organisation"
    assert "C99" in message


# Days


def test_wales_crc_ends_with_november_2019(reference: Reference) -> None:
    assert found(reference.resolve("Wales CRC", LAST_DAY_OF_WALES_CRC, code="C10")) == "C10"
    assert found(reference.resolve("Wales CRC", LAST_DAY_OF_WALES_CRC)) == "C10"
    next_day = LAST_DAY_OF_WALES_CRC + timedelta(days=1)
    for code in ("C10", None):
        finding, message = refused(reference.resolve("Wales CRC", next_day, code=code))
        assert finding == "unknown-organisation"
        assert "C10 (Wales CRC)" in message
        assert "until 30 November 2019" in message
    assert reference.organisation("C10", next_day) is None


def test_before_the_first_day(reference: Reference) -> None:
    finding, message = refused(reference.resolve(None, date(2014, 5, 31), code="C08"))
    assert finding == "unknown-organisation"
    assert "from 1 June 2014" in message


def test_without_a_day_everything_listed_is_valid(reference: Reference) -> None:
    assert found(reference.resolve("Wales CRC", None, code="C10")) == "C10"


@pytest.mark.parametrize("day", [date(1900, 1, 1), AUTUMN_2020, date(2999, 1, 1)])
def test_an_unknown_first_and_an_open_last_day_exclude_nothing(reference: Reference, day: date) -> None:
    assert found(reference.resolve("South Central", day, code="N59")) == "N59"


@pytest.mark.parametrize("code", ["N03", "N07"])
@pytest.mark.parametrize("day", [None, AUTUMN_2020, date(2021, 6, 26)])
def test_a_code_of_a_division_and_a_region_means_the_region(reference: Reference, code: str, day: date | None) -> None:
    organisation = reference.organisation(code, day)
    assert organisation is not None
    assert (organisation.level, organisation.kind) == ("region", "nps")


def test_an_unknown_code_is_not_an_organisation(reference: Reference) -> None:
    assert reference.organisation("X01", None) is None


# Other domains, faulty tables


def test_without_a_list_any_code_is_accepted() -> None:
    reference = Reference.from_tables({})
    day = date(2020, 1, 1)
    named = reference.resolve("North Baths", day, code="BATH-1")
    assert named == Resolution(Organisation("BATH-1", "North Baths", "supplier", "", None, None), None)
    unnamed = reference.resolve(None, day, code="BATH-1")
    assert unnamed == Resolution(Organisation("BATH-1", "BATH-1", "supplier", "", None, None), None)
    assert reference.organisation("BATH-1", day) == unnamed.organisation
    assert refused(reference.resolve("North Baths", day))[0] == "unknown-organisation"
    assert reference.bank_holidays() == ()


def test_a_name_needs_no_table_of_labels() -> None:
    assert found(small(("A1", "North", "", "")).resolve("north", None)) == "A1"


def test_a_missing_column_is_named() -> None:
    tables = {"organisations": pl.DataFrame({"code": ["A1"], "name": ["North"]})}
    with pytest.raises(ContractError, match="lacks the columns: kind, level, valid_from, valid_to"):
        Reference.from_tables(tables)


def test_a_label_of_a_code_that_is_not_listed() -> None:
    with pytest.raises(ContractError, match="‘A2’, which is not listed"):
        small(("A1", "North", "", ""), labels=[("South", "A2")])


def test_a_broken_date() -> None:
    with pytest.raises(ContractError, match="31/03/2020"):
        small(("A1", "North", "31/03/2020", ""))


def test_tables_are_text_with_empty_cells_null(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_bytes('\ufeffcode,label\r\n01,\r\n\r\n02,"Two,\nthree"\r\n'.encode())
    (tmp_path / "codes.txt").write_text("no table", encoding="utf-8")
    (tmp_path / "empty.csv").write_text("code\n", encoding="utf-8")
    tables = read_tables(tmp_path)
    assert set(tables) == {"codes", "empty"}
    assert tables["codes"].rows() == [("01", None), ("02", "Two,\nthree")]
    assert {kind for table in tables.values() for kind in table.dtypes} == {pl.String}


def test_no_directory_no_tables(tmp_path: Path) -> None:
    assert read_tables(tmp_path / "reference") == {}


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", "line 1"),
        (b"a,a\n1,2\n", "line 1"),
        (b"a,\n1,2\n", "line 1"),
        (b"a,b\n1,2\n3\n", "line 3: 1 cells"),
        (b"a,b\n1,2,3\n", "line 2: 3 cells"),
        (b'a,b\n1,"2\n', "unexpected end of data"),
        (b"a,b\n1,\xe9\n", "UTF-8"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_with_the_place(tmp_path: Path, content: bytes, place: str) -> None:
    (tmp_path / "broken.csv").write_bytes(content)
    (tmp_path / "worse.csv").write_bytes(content)
    with pytest.raises(ContractError) as caught:
        read_tables(tmp_path)
    assert [Path(fault.split(":")[0]).name for fault in caught.value.faults] == ["broken.csv", "worse.csv"]
    assert all(place in fault for fault in caught.value.faults)


def test_a_directory_in_place_of_a_table(tmp_path: Path) -> None:
    (tmp_path / "table.csv").mkdir()
    with pytest.raises(ContractError):
        read_tables(tmp_path)


# The tables that ship


def test_the_list_has_every_organisation_at_its_level(tables: dict[str, pl.DataFrame]) -> None:
    listed: dict[str, set[str]] = {}
    for code, level in tables["organisations"].select("code", "level").rows():
        listed.setdefault(level, set()).add(code)
    assert listed["crc"] == {f"C{number:02}" for number in range(1, 22)}
    assert listed["division"] == {f"N{number:02}" for number in range(1, 8)}
    assert listed["region"] == {"N03", "N07"} | {f"N{number}" for number in range(50, 60)}


def test_every_provider_lies_in_one_region_or_has_units(tables: dict[str, pl.DataFrame]) -> None:
    regions = tables["crosswalk"].group_by("from_code").agg(pl.col("to_region_code").n_unique())
    split = set(regions.filter(pl.col("to_region_code") > 1)["from_code"])
    assert split == {"C04", "C07", "N01", "N02", "N04", "N05", "N06"}
    assert split == set(tables["delivery_units"]["provider_code"])
    assert set(regions["from_code"]) == set(tables["organisations"]["code"])


def test_the_regions_are_the_twelve_that_the_organisations_list(tables: dict[str, pl.DataFrame]) -> None:
    listed = tables["organisations"].filter(pl.col("level") == "region").select("code", "name").sort("code")
    assert tables["regions"].select("code", "name").rows() == listed.rows()
    assert len(listed) == 12
    assert set(tables["regions"]["valid_from"]) == {"2021-06-26"}


def test_no_unit_of_a_provider_lies_in_two_regions(tables: dict[str, pl.DataFrame]) -> None:
    keys = [(code, fold(unit)) for code, unit in tables["delivery_units"].select("provider_code", "unit").rows()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("provider", "unit", "region"),
    [
        ("C04", "North and North East Lincolnshire", "N55"),
        ("C04", "N55NNEL", "N55"),
        ("C04", "Lincolnshire", "N53"),
        ("C04", "East and West Lincolnshire", "N53"),
        ("C04", "Humberside", "N55"),
        ("C04", "North Yorkshire", "N55"),
        ("C07", "Cheshire", "N51"),
        ("C07", "Greater Manchester", "N50"),
        ("C07", "Tameside and Stockport", "N50"),
        ("C07", "Warrington and Halton", "N51"),
        ("N01", "N51LSF", "N51"),
        ("N01", "Tameside and Stockport", "N50"),
        ("N02", "Lincolnshire", "N53"),
        ("N02", "N53EWL", "N53"),
        ("N02", "North and North East Lincolnshire", "N55"),
        ("N04", "Derbyshire", "N53"),
        ("N04", "West Mercia", "N52"),
        ("N05", "Bristol and South Gloucestershire", "N58"),
        ("N05", "Buckinghamshire and Oxfordshire", "N59"),
        ("N06", "Northamptonshire", "N56"),
        ("N06", "Sussex", "N57"),
    ],
)
def test_region_of_a_unit(tables: dict[str, pl.DataFrame], provider: str, unit: str, region: str) -> None:
    rows = tables["delivery_units"].filter(pl.col("provider_code") == provider, pl.col("unit") == unit)
    assert rows["region_code"].to_list() == [region]


def test_lincolnshire_is_not_a_unit_of_the_midlands_division(tables: dict[str, pl.DataFrame]) -> None:
    midlands = tables["delivery_units"].filter(pl.col("provider_code") == "N04")
    assert not midlands["unit"].str.contains("Lincolnshire|N53EWL").any()


@pytest.mark.parametrize(
    ("provider", "region"), [("C08", "N53"), ("C10", "N03"), ("C13", "N56"), ("N03", "N03"), ("N58", "N58")]
)
def test_region_of_a_whole_provider(tables: dict[str, pl.DataFrame], provider: str, region: str) -> None:
    rows = tables["crosswalk"].filter(pl.col("from_code") == provider)
    assert set(rows["to_region_code"]) == {region}


def test_every_status_is_suspended_by_its_own_word_only(tables: dict[str, pl.DataFrame]) -> None:
    statuses = tables["breach_statuses"]
    assert statuses["code"].is_unique().all()
    suspended = statuses.filter(pl.col("harmonised_status") == "suspended")
    assert suspended["code"].to_list() == ["BRE26", "BRE28", "BRE29", "CRT15", "CRT16"]
    heard = statuses.filter(pl.col("harmonised_status") == "heard")
    assert heard["harmonised_outcome"].null_count() == 0


def test_bank_holidays_are_weekdays_in_order(reference: Reference) -> None:
    days = reference.bank_holidays()
    assert list(days) == sorted(set(days))
    assert all(day.isoweekday() <= 5 for day in days)
    by_year = [sum(day.year == year for day in days) for year in range(2018, 2029)]
    assert by_year == [8, 8, 8, 8, 10, 9, 8, 8, 8, 8, 8]


def test_bank_holidays_that_moved_or_came_once(reference: Reference) -> None:
    days = set(reference.bank_holidays())
    assert {
        date(2020, 5, 8),
        date(2020, 12, 28),
        date(2022, 6, 3),
        date(2022, 9, 19),
        date(2023, 5, 8),
    } <= days
    assert date(2020, 5, 4) not in days


def test_baselines_of_the_tracker(tables: dict[str, pl.DataFrame]) -> None:
    baselines = tables["tracker_baselines"].select("measure", "provider_kind", "value").rows()
    assert sorted(baselines) == [("breaches_heard", "crc", "923"), ("breaches_heard", "nps", "239")]


def test_every_row_says_where_it_comes_from_and_what_of_it_is_verified(tables: dict[str, pl.DataFrame]) -> None:
    for name, table in tables.items():
        status = "confidence" if "confidence" in table.columns else "verification"
        assert (name, table.select("source", status).null_count().row(0)) == (name, (0, 0))
    texts = [text for table in tables.values() for column in table for text in column.drop_nulls()]
    assert [text for text in texts if "memory" in text] == []
    sources = {text for table in tables.values() for text in table["source"]}
    assert [text for text in sources if "not recorded" in text or "domain.md" in text] == []


def test_status_codes_and_codes_of_units_name_the_public_file_that_they_are_in(tables: dict[str, pl.DataFrame]) -> None:
    (listed,) = tables["breach_statuses"]["source"].unique()
    assert listed.startswith("ministryofjustice/manage-supervisions-design-history app/posts/")
    coded = tables["delivery_units"].filter(pl.col("unit").str.contains(r"^[A-Z]\d\d[A-Z]+$"))
    assert coded["source"].str.contains("ministryofjustice/hmpps-probation-estate-api", literal=True).all()
    assert coded.height == 101


def small(*rows: tuple[str, str, str, str], labels: list[tuple[str, str]] | None = None) -> Reference:
    """A reference of a few organisations: code, name, first and last day; and of further labels."""
    organisations = pl.DataFrame(
        [(code, name, "kind", "level", start or None, end or None) for code, name, start, end in rows],
        schema=dict.fromkeys(("code", "name", "kind", "level", "valid_from", "valid_to"), pl.String),
        orient="row",
    )
    names = pl.DataFrame(labels or [], schema={"label": pl.String, "code": pl.String}, orient="row")
    return Reference.from_tables({"organisations": organisations, "organisation_labels": names})
