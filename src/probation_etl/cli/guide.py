"""``probation-etl contract docs``: a contract as a page and a workbook for those who fill the return in."""

from __future__ import annotations

from pathlib import Path

import click

from probation_etl.cli.logs import remark
from probation_etl.cli.options import chosen
from probation_etl.paths import named_as_folder


@click.command()
@click.argument("contract_id", metavar="ID")
@click.option(
    "-o", "--output", "directory", required=True, type=click.Path(path_type=Path, file_okay=False),
    help="Directory to write to.",
)  # fmt: skip
@click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: the shipped ones)."
)
def docs(contract_id: str, directory: Path, contracts: Path | None) -> None:
    """Writes the return ID as a page and a workbook for its suppliers: ID.html and ID.xlsx.

    They say what each column holds, the rules in words, how the file is recognised and when it is due, with invented
    examples of what is right and wrong. If the contract has several versions, the newest is shown. Other files in the
    directory are left alone.
    """
    from probation_etl.guide import write_guide
    from probation_etl.runs.admission import load_rulebook

    named_as_folder(directory)
    rulebook = load_rulebook(contracts)
    contract = chosen(contract_id, {each.id: each for each in rulebook.contracts.returns()}, kind="return")
    for path in write_guide(contract, rulebook, directory):
        remark(f"Written: {path}")
