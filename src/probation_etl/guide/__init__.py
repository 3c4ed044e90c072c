"""A contract for those who fill the return in: a page and a workbook, with invented examples of what is right and wrong.

It reads in this order: ``model`` (what is said), ``recognition``, ``columns`` and ``examples`` (where it comes from),
``describe`` (all of it), ``page`` and ``workbook`` (how it looks).
"""

from __future__ import annotations

from pathlib import Path

from probation_etl.contracts.model import Contract, ReturnContract
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.errors import ContractError
from probation_etl.files import explained, write_file
from probation_etl.folders import renewed_folder
from probation_etl.guide.describe import describe
from probation_etl.guide.page import render_guide
from probation_etl.guide.workbook import guide_workbook

__all__ = ["write_guide"]


def write_guide(contract: Contract, rulebook: Rulebook, directory: Path) -> tuple[Path, Path]:
    """Writes the guide to a return into a directory: ``ID.html`` and ``ID.xlsx``.

    The same contracts give the same files, byte for byte.

    Args:
        contract: The contract of the return.
        rulebook: The contracts and reference tables that it is of.
        directory: The directory, created if it is missing. Other files in it are left alone.

    Returns:
        The page and the workbook.

    Raises:
        ContractError: The contract is not of a return.
        EnvironmentFailure: The directory cannot be written. No file in it is half written.
    """
    if not isinstance(contract, ReturnContract):
        raise ContractError(f"‘{contract.id}’ is not a return: nobody fills it in, so it has no guide.")
    guide = describe(contract, rulebook)
    files: dict[str, str | bytes] = {
        f"{contract.id}.html": render_guide(guide, workbook=f"{contract.id}.xlsx"),
        f"{contract.id}.xlsx": guide_workbook(guide),
    }
    with (
        explained(f"The files in {directory} cannot be written", then="Every file in it is whole: as it was, or new."),
        renewed_folder(directory) as draft,
    ):
        for name, content in files.items():
            write_file(draft / name, content)
    page, workbook = (directory / name for name in files)
    return page, workbook
