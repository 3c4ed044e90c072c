"""The region of every row: by provider, by delivery unit, or none. Nothing is guessed and nothing apportioned."""

from collections.abc import Iterable
from functools import cache

import pytest
from senders import CASELOAD, CASELOAD_HEADER, extract, workbook

from probation_etl.contracts.rulebook import Rulebook, load_rulebook
from probation_etl.intake.assess import assess
from probation_etl.unified.harmonise import harmonise

#: Providers that lie in one region, by the region.
WHOLE = {
    "N03": ("C10", "N03"),
    "N07": ("C17", "N07"),
    "N50": ("N50",),
    "N51": ("C02", "C06", "N51"),
    "N52": ("C11", "C12", "N52"),
    "N53": ("C08", "N53"),
    "N54": ("C01", "C03", "N54"),
    "N55": ("C05", "C09", "N55"),
    "N56": ("C13", "C14", "C18", "N56"),
    "N57": ("C21", "N57"),
    "N58": ("C15", "C19", "N58"),
    "N59": ("C16", "C20", "N59"),
}
#: Delivery units of the providers that lie in several: areas, clusters, units by name and by nDelius code.
SPLIT = {
    "C04": {
        "N53": ("Lincolnshire", "East and West Lincolnshire", "N53EWL"),
        "N55": ("Humberside", "North Yorkshire", "North and North East Lincolnshire", "N55NNEL"),
    },
    "C07": {
        "N50": ("Greater Manchester", "Tameside and Stockport"),
        "N51": ("Cheshire", "Warrington and Halton"),
    },
    "N01": {"N50": ("Greater Manchester", "Tameside and Stockport"), "N51": ("Merseyside", "Cumbria", "N51LSF")},
    "N02": {
        "N53": ("Lincolnshire", "East and West Lincolnshire", "N53EWL"),
        "N54": ("Durham", "Cleveland", "Northumbria"),
        "N55": ("Humberside", "West Yorkshire", "South Yorkshire", "North and North East Lincolnshire"),
    },
    "N04": {"N52": ("West Mercia", "Staffordshire"), "N53": ("Derbyshire", "N53DRBY", "Nottinghamshire")},
    "N05": {
        "N58": ("Dorset", "Bristol and South Gloucestershire"),
        "N59": ("Thames Valley", "Buckinghamshire and Oxfordshire"),
    },
    "N06": {"N56": ("Essex", "Northamptonshire"), "N57": ("Kent", "Surrey", "Sussex")},
}
UNALLOCATED = (None, "unallocated")


@cache
def rulebook() -> Rulebook:
    return load_rulebook()


def regions(provider: str, units: Iterable[str]) -> list[tuple[str | None, str]]:
    """Region and basis of a caseload row for each unit, as a provider's return has them after all stages."""
    if provider.startswith("C"):
        rows = [(unit, "Probation officer (or equivalent)", "30/06/2019", "", "", "40") for unit in units]
        cover = {
            "Organisation": "",
            "Provider code": provider,
            "Period start": "17/06/2019",
            "Period end": "30/06/2019",
        }
        name, data = f"{provider}_return_2019-06-30.xlsx", workbook(cover, Caseload=(CASELOAD_HEADER, *rows))
    else:
        row = {**CASELOAD, "provider_code": provider, "snapshot_date": "2019-06-30"}
        name = f"{provider}_caseload_2019-06-30.csv"
        data = extract(*({**row, "ldu_code": f'"{unit}"'} for unit in units), header=CASELOAD)
    result = next(each for each in assess(name, data, rulebook()) if each.contract and "caseload" in each.contract.id)
    assert result.counts()["error"] == 0, result.findings
    return harmonise(result, rulebook())["caseload"].select("region_code", "region_basis").rows()


def region(provider: str, unit: str) -> tuple[str | None, str]:
    return regions(provider, [unit])[0]


def test_the_lists_above_name_every_provider_of_the_crosswalk() -> None:
    named = {provider for providers in WHOLE.values() for provider in providers} | set(SPLIT)
    assert named == set(rulebook().tables["crosswalk"]["from_code"])


@pytest.mark.parametrize(
    ("provider", "expected"), sorted((provider, code) for code, providers in WHOLE.items() for provider in providers)
)
def test_a_provider_in_one_region_gives_it_to_every_row(provider: str, expected: str) -> None:
    assert regions(provider, ["", "Lincolnshire", "a unit that nobody knows"]) == [(expected, "provider")] * 3


@pytest.mark.parametrize("provider", SPLIT)
def test_a_provider_in_several_regions_is_split_by_delivery_unit(provider: str) -> None:
    expected = {unit: (code, "ldu") for code, units in SPLIT[provider].items() for unit in units}
    assert dict(zip(expected, regions(provider, expected), strict=True)) == expected


@pytest.mark.parametrize("provider", SPLIT)
def test_without_a_known_unit_its_rows_are_unallocated(provider: str) -> None:
    assert regions(provider, ["", "a unit that nobody knows", provider]) == [UNALLOCATED] * 3


@pytest.mark.parametrize("provider", SPLIT)
def test_every_unit_of_the_list_leads_to_its_region(provider: str) -> None:
    units = rulebook().tables["delivery_units"].rows_by_key("provider_code", named=True)[provider]
    assert regions(provider, [each["unit"] for each in units]) == [(each["region_code"], "ldu") for each in units]


def test_a_unit_is_known_in_any_case_and_spacing() -> None:
    written = [
        "lincolnshire ", " LINCOLNSHIRE", "Lincolnshire\u00a0", "East & West Lincolnshire", "East  and\u00a0West Lincolnshire",
        "EAST AND WEST LINCOLNSHIRE", "n53ewl", " N53EWL ", "East and West\u200b Lincolnshire",
    ]  # fmt: skip
    for provider in ("C04", "N02"):
        found = dict(zip(written, regions(provider, written), strict=True))
        assert found == dict.fromkeys(written, ("N53", "ldu"))


def test_a_unit_is_never_found_by_likeness() -> None:
    written = ["Lincolnshir", "Lincs", "West Lincolnshire", "Lincolnshire and Humberside", "N53", "N53EWLX"]
    assert regions("C04", written) == [UNALLOCATED] * len(written)


def test_lincolnshire_is_not_given_to_yorkshire() -> None:
    """As a public list of CRCs and regions has it, which gives the whole of C04 to Yorkshire and the Humber."""
    assert region("C04", "Lincolnshire") == ("N53", "ldu")
    assert region("N02", "Lincolnshire") == ("N53", "ldu")
    assert region("C04", "North Yorkshire") == ("N55", "ldu")


def test_a_division_is_not_given_to_one_of_its_regions() -> None:
    """As a public list of divisions and regions has it, one region a division."""
    for provider in ("N01", "N02", "N04", "N05", "N06"):
        assert region(provider, "") == UNALLOCATED
        assert {code for code, _ in regions(provider, [units[0] for units in SPLIT[provider].values()])} == set(
            SPLIT[provider]
        )


def test_north_and_north_east_lincolnshire_is_humberside() -> None:
    for provider in ("C04", "N02"):
        assert region(provider, "North and North East Lincolnshire") == ("N55", "ldu")
        assert region(provider, "East and West Lincolnshire") == ("N53", "ldu")
