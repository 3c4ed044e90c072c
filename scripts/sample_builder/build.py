"""Puts the parts together: every return of the sample, the answer key and the expected outcome."""

import argparse
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from probation_etl.sample.tables import Figure, Sender
from sample_builder.crc import annexe_2_return
from sample_builder.faulty import PROVIDER_CODE, faulty_return
from sample_builder.figures import read_figures, read_senders
from sample_builder.nps import annexe_2_extracts
from sample_builder.outcomes import PlannedReturn, expected_outcome
from sample_builder.periods import ANNEXE_2_PERIOD_ENDS

PROJECT_SAMPLE_DATA = Path(__file__).resolve().parents[2] / "sample_data"


def build(output: Path) -> None:
    """Write the sample returns, the answer key and the expected outcome below `output`."""
    figures = read_figures()
    senders = read_senders()
    planned = [*_build_annexe_2(output, figures, senders), *_build_faulty(output, senders[PROVIDER_CODE])]
    _write(output / "expected_outcome.json", expected_outcome(planned).encode("utf-8"))


def _build_annexe_2(output: Path, figures: tuple[Figure, ...], senders: dict[str, Sender]) -> Iterator[PlannedReturn]:
    for sender in senders.values():
        for period_end in ANNEXE_2_PERIOD_ENDS:
            own = [figure for figure in figures if figure.provider_code == sender.code and figure.as_at == period_end]
            yield from _build_sender(output, sender, period_end, own)


def _build_sender(output: Path, sender: Sender, period_end: date, figures: list[Figure]) -> Iterator[PlannedReturn]:
    if figures[0].provider_kind == "crc":
        workbook = annexe_2_return(sender, period_end, figures)
        file = f"annexe_2/{workbook.file_name()}"
        _write(output / file, workbook.content())
        yield from workbook.planned(file)
        return
    for extract in annexe_2_extracts(sender, period_end, figures):
        file = f"annexe_2/{extract.file_name}"
        _write(output / file, extract.content())
        yield extract.planned(file)


def _build_faulty(output: Path, sender: Sender) -> list[PlannedReturn]:
    faulty = faulty_return(sender)
    file = f"faulty/{faulty.file_name}"
    _write(output / file, faulty.workbook.content())
    _write(output / "answer_key.csv", faulty.answer_key().encode("utf-8"))
    return faulty.planned(file)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def main() -> None:
    """Read the command line and build the sample."""
    parser = argparse.ArgumentParser(description="Build the sample returns.")
    parser.add_argument("--output", type=Path, default=PROJECT_SAMPLE_DATA, help="folder to write to")
    build(parser.parse_args().output)
