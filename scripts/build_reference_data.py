"""Derives the reference tables in `contracts/reference/` from the collected source tables.

Usage: PYTHONPATH=src python scripts/build_reference_data.py --from DIR [--output DIR]

DIR holds organisations, crosswalk, pdus, breach_statuses, seed_variants and seed_figures, each as .csv.
The outputs are committed; nothing else in the project needs DIR. "seed" in a source is the thematic review of
probation services' recovery from Covid-19 (HM Inspectorate of Probation, February 2021), L its line as text.
Running it again gives the same files byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import holidays

from probation_etl.contracts.organisations import fold

Row = dict[str, str]
OUTPUT = Path(__file__).parents[1] / "contracts" / "reference"
UNIT_NAMES = "ministryofjustice/hmpps-approved-premises-api 20230405161957__add_list_of_pdus_to_table.sql"
#: It lists each code under its region, with the unit's name or another spelling of it.
UNIT_CODES = (
    "code ministryofjustice/hmpps-probation-estate-api src/main/resources/db/migration "
    f"V1_5, V1_14, V1_17, V1_18, V1_25, V1_29, V1_59, V1_60; unit {UNIT_NAMES}"
)
SATURDAY = 5
#: Read there on the list of breach statuses, dated 18 June 2021; the list has a space after some of the strokes.
STATUS_CODES = "ministryofjustice/manage-supervisions-design-history app/posts/2021-06-18-breach-iteration.md"
STATUSES_READ = "verified: code and label; the harmonised columns are this project's reading"
REGION_ITSELF = "the region itself"
REVIEW = "HM Inspectorate of Probation, review of probation services' recovery from Covid-19, February 2021"
FIRST_YEAR, LAST_YEAR = 2018, 2024
#: What each kind of label is known by.
NAME_VERIFIED, ALIAS_COLLECTED = "verified: name", "other name as collected, not verified by itself"
LABEL_DERIVED, READ_IN_SOURCE = "derived, not verified", "verified: read in the source document"
#: Spellings of the seed that fit more than one organisation, so that nothing is guessed from them.
SHARED_LABELS = {"West Midlands CRC": ("C11", "C12")}


def main() -> None:
    """Writes every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--from", dest="source", type=Path, required=True, help="directory of the source tables")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="directory of the reference tables")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name, rows in tables(Sources(arguments.source)).items():
        write(arguments.output / f"{name}.csv", rows)


class Sources:
    """The source tables as rows of text."""

    def __init__(self, directory: Path) -> None:
        self.organisations = read(directory / "organisations.csv")
        self.crosswalk = read(directory / "crosswalk.csv")
        self.units = read(directory / "pdus.csv")
        self.statuses = read(directory / "breach_statuses.csv")
        self.variants = read(directory / "seed_variants.csv")
        self.figures = read(directory / "seed_figures.csv")


def read(path: Path) -> list[Row]:
    """The rows of a source table."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def write(path: Path, rows: list[Row]) -> None:
    """Writes a reference table: UTF-8, line feeds, the columns of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path.name}: {len(rows)} rows")


def tables(sources: Sources) -> dict[str, list[Row]]:
    """Every reference table by name."""
    return {
        "organisations": organisations(sources),
        "organisation_labels": organisation_labels(sources),
        "regions": regions(sources),
        "crosswalk": crosswalk(sources),
        "delivery_units": delivery_units(sources),
        "breach_statuses": breach_statuses(sources),
        "bank_holidays": bank_holidays(),
        "tracker_baselines": tracker_baselines(sources),
    }


# Organisations and their names


def organisations(sources: Sources) -> list[Row]:
    """One row an organisation and level; regions below divisions, as the last of a code is the one meant."""
    rows = [
        {
            "code": row["code"],
            "name": row["name"],
            "kind": "crc" if row["kind"] == "crc" else "nps",
            "level": level(row),
            "valid_from": row["valid_from"],
            "valid_to": row["valid_to"],
            "source": row["source"],
            "verification": verification(row),
        }
        for row in sources.organisations
    ]
    return sorted(rows, key=lambda row: (("crc", "division", "region").index(row["level"]), row["code"]))


def level(row: Row) -> str:
    """What the organisation is among its kind: crc, division or region."""
    return row["kind"].removeprefix("nps_")


def verification(row: Row) -> str:
    """What is verified and what is not, without the notes on owners, which the table does not carry."""
    notes = without_memory(row["memory_or_unverified"])
    of_owner = notes.startswith(("owner", "Interserve", "no change of owner"))
    return row["verified"] if of_owner or not notes else f"{row['verified']}; {notes}"


def without_memory(text: str) -> str:
    """A note in which what somebody remembered is called what it is: not verified."""
    return re.sub(r"(from )?(brief/)?memory", "not verified", text).replace("; see domain.md 2.3", "")


def organisation_labels(sources: Sources) -> list[Row]:
    """One row a label, code and level: names, aliases, spellings of the seed, 'NPS' with a region's name."""
    found: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    for label, code, label_level, source, status in [*listed_labels(sources), *seed_labels(sources)]:
        found[label, code, label_level].append((source, status))
    rows = [
        {
            "label": label,
            "code": code,
            "level": label_level,
            "source": "; ".join(dict.fromkeys(source for source, _ in known)),
            "verification": "; ".join(dict.fromkeys(status for _, status in known)),
        }
        for (label, code, label_level), known in found.items()
    ]
    return sorted(rows, key=lambda row: (row["code"], row["level"], row["label"]))


def listed_labels(sources: Sources) -> Iterator[tuple[str, str, str, str, str]]:
    """Names and aliases of the list of organisations."""
    for row in sources.organisations:
        yield row["name"], row["code"], level(row), row["source"], NAME_VERIFIED
        for label in filter(None, row["aliases"].split("|")):
            yield label, row["code"], level(row), row["source"], ALIAS_COLLECTED
        if level(row) == "region":
            yield f"NPS {row['name']}", row["code"], "region", "'NPS' and the name of the region", LABEL_DERIVED


def seed_labels(sources: Sources) -> Iterator[tuple[str, str, str, str, str]]:
    """Spellings of the seed that name an organisation; those that name two regions together name none."""
    for row in sources.variants:
        code, _, rest = row["canonical"].partition(" ")
        if row["kind"] not in ("crc", "region") or rest.startswith("+"):
            continue
        lines = " ".join(f"L{line}" for line in row["lines"].split("; "))
        source = f"seed {lines}: {row['note']}" if row["note"] else f"seed {lines}"
        for shared in SHARED_LABELS.get(row["variant"], (code,)):
            yield row["variant"], shared, row["kind"], source, READ_IN_SOURCE


# Regions


def regions(sources: Sources) -> list[Row]:
    """One row a region of the Probation Service of 26 June 2021.

    Raises:
        ValueError: The day of a region is not among what is verified.
    """
    rows = [
        {
            "code": row["code"],
            "name": row["name"],
            "valid_from": first_day(row),
            "source": row["source"],
            "verification": verification(row),
        }
        for row in sources.organisations
        if level(row) == "region"
    ]
    return sorted(rows, key=lambda row: row["code"])


def first_day(row: Row) -> str:
    """The day from which a region is one of the Probation Service."""
    found = re.search(r"as Probation Service region: (\d{4}-\d{2}-\d{2}) \(verified\)", row["memory_or_unverified"])
    if found is None:
        raise ValueError(f"{row['code']}: the first day as a region of the Probation Service is not verified.")
    return found[1]


def crosswalk(sources: Sources) -> list[Row]:
    """One row a provider and area, with the region it came to lie in; a region leads to itself."""
    rows = [
        {
            "from_code": provider,
            "area": area,
            "to_region_code": row["to_region_code"],
            "valid_from": row["valid_from"],
            "source": row["source"],
            "confidence": row["confidence"],
            "note": without_memory(row["note"]),
        }
        for provider, rows in regions_by_provider(sources).items()
        for row in rows
        for area in area_names(row["area"]) or [""]
    ]
    known = {row["from_code"] for row in rows}
    rows += [to_itself(row) for row in regions(sources) if row["code"] not in known]
    return sorted(rows, key=lambda row: row["from_code"])


def to_itself(region: Row) -> Row:
    """The row of a region in the crosswalk."""
    return {
        "from_code": region["code"],
        "area": "",
        "to_region_code": region["code"],
        "valid_from": region["valid_from"],
        "source": REGION_ITSELF,
        "confidence": "high",
        "note": "",
    }


def regions_by_provider(sources: Sources) -> dict[str, list[Row]]:
    """The rows of the crosswalk by the provider they start from."""
    providers = {row["code"] for row in sources.organisations}
    found: dict[str, list[Row]] = defaultdict(list)
    for row in sources.crosswalk:
        if row["from_code"] in providers:
            found[row["from_code"]].append(row)
    return found


def is_split(rows: list[Row]) -> bool:
    """Whether these rows of one provider lead to several regions."""
    return len({row["to_region_code"] for row in rows}) > 1


def delivery_units(sources: Sources) -> list[Row]:
    """One row a unit of a provider that lies in several regions.

    Raises:
        ValueError: A unit of a provider would lie in two regions.
    """
    split = {code for code, rows in regions_by_provider(sources).items() if is_split(rows)}
    found: dict[tuple[str, str], Row] = {}
    for row in (*areas(sources), *published_units(sources), *clusters(sources)):
        if row["provider_code"] in split:
            merge(found.setdefault((row["provider_code"], fold(row["unit"])), dict(row)), row)
    return sorted(found.values(), key=lambda row: (row["provider_code"], row["region_code"], row["unit"]))


def merge(known: Row, row: Row) -> None:
    """Adds the source of a second row for the same unit; the first keeps its spelling and confidence."""
    if known["region_code"] != row["region_code"]:
        raise ValueError(f"{row['provider_code']}, {row['unit']}: {known['region_code']} and {row['region_code']}")
    known["source"] = " | ".join(dict.fromkeys((*known["source"].split(" | "), row["source"])))


def unit(provider: str, name: str, region: str, source: str, confidence: str) -> Row:
    """A row of the table of delivery units."""
    return {
        "provider_code": provider,
        "unit": name,
        "region_code": region,
        "source": source,
        "confidence": confidence,
    }


def divisions(sources: Sources) -> dict[str, str]:
    """The division of every CRC. Not by region: Lincolnshire was in N02, most of its region in N04."""
    return {row["code"]: row["nps_division"] for row in sources.organisations if row["kind"] == "crc"}


def areas(sources: Sources) -> Iterator[Row]:
    """Counties and areas of the crosswalk, for CRCs and for the divisions they lie in."""
    division = divisions(sources)
    for provider, rows in regions_by_provider(sources).items():
        for row in rows:
            rest = (row["to_region_code"], row["source"], row["confidence"])
            for name in area_names(row["area"]):
                yield unit(provider, name, *rest)
                if provider in division:
                    yield unit(division[provider], name, *rest)


def area_names(area: str) -> list[str]:
    """The areas that one cell of the crosswalk names."""
    return [name for name in area.removesuffix(" (police force area)").split(", ") if name]


def published_units(sources: Sources) -> Iterator[Row]:
    """Probation delivery units by name and nDelius code, for the CRC that had the area and its division."""
    division = divisions(sources)
    for row in sources.units:
        crc, region = row["predecessor_crc_code_derived"], row["region_code"]
        for provider in (crc, division[crc]):
            yield unit(provider, row["pdu_name"], region, UNIT_NAMES, "high (region), medium (predecessor)")
            code = row["pdu_delius_code"]
            yield unit(provider, code, region, UNIT_CODES, "high (code, region), medium (predecessor)")


def clusters(sources: Sources) -> Iterator[Row]:
    """Clusters of local delivery units, for the division of their region and the only CRC of that region."""
    division = {row["code"]: row["nps_division"] for row in sources.organisations if level(row) == "region"}
    for row in sources.crosswalk:
        if row["from_code"].startswith("LDU:"):
            name, region = row["from_code"].removeprefix("LDU:"), row["to_region_code"]
            source = f"{row['area']}; {row['source'].removesuffix('; pdus.csv')}"
            for provider in (division[region], *sole_crc(sources, region)):
                yield unit(provider, name, region, source, row["confidence"])


def sole_crc(sources: Sources, region: str) -> list[str]:
    """The CRC of a region where it has only one; the crosswalk does not say whose a cluster was."""
    crcs = {row["predecessor_crc_code_derived"] for row in sources.units if row["region_code"] == region}
    return sorted(crcs) if len(crcs) == 1 else []


# Statuses, dates and figures


def breach_statuses(sources: Sources) -> list[Row]:
    """Status codes of breaches, with what each means in the unified model."""
    kept = ("code", "label", "harmonised_status", "harmonised_outcome", "note")
    origin = {"source": STATUS_CODES, "verification": STATUSES_READ}
    return [{**{name: row[name] for name in kept}, **origin} for row in sources.statuses]


def bank_holidays() -> list[Row]:
    """Bank holidays of England and Wales; for one at a weekend, the weekday that replaces it.

    Raises:
        ValueError: England and Wales differ, so that one table cannot serve both.
    """
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    england, wales = (holidays.country_holidays("GB", subdiv=part, years=years) for part in ("ENG", "WLS"))
    if dict(england) != dict(wales):
        raise ValueError("The bank holidays of England and Wales differ.")
    return [
        {
            "date": day.isoformat(),
            "name": england[day],
            "region": "england-and-wales",
            "source": f"Python package holidays {version('holidays')}: GB, subdivision ENG",
            "verification": "same days and names for subdivision WLS; not held against another source",
        }
        for day in sorted(england)
        if day.weekday() < SATURDAY
    ]


def tracker_baselines(sources: Sources) -> list[Row]:
    """Published weekly levels before the pandemic.

    Raises:
        ValueError: The figures do not hold exactly one baseline for each kind of provider.
    """
    rows = [
        {
            "measure": "breaches_heard",
            "provider_kind": row["organisation"].removesuffix(" (all)").lower(),
            "value": row["value"],
            "unit": row["unit"],
            "source": REVIEW,
            "line": row["line"],
            "quote": row["quote"],
            "verification": READ_IN_SOURCE,
        }
        for row in sources.figures
        if row["measure"] == "breaches heard per week" and "baseline" in row["date_or_period"]
    ]
    if sorted(row["provider_kind"] for row in rows) != ["crc", "nps"]:
        raise ValueError("The figures must hold one baseline of breaches heard for each kind of provider.")
    return rows


if __name__ == "__main__":
    main()
