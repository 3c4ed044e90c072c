"""The one way to contracts that are worked with: none is taken that lint refuses."""

from __future__ import annotations

from pathlib import Path

from probation_etl.arguments import typed
from probation_etl.contracts import rulebook as rulebooks
from probation_etl.contracts.model import Contract, Contracts
from probation_etl.contracts.passed import has_passed, note_passed
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.contracts.shipped import shipped
from probation_etl.errors import ContractError
from probation_etl.intake.reference_tables import check_reference_tables

#: What trials found, by directory and content: a long-lived process asks for each of its returns.
_FOUND: dict[tuple[str, str], tuple[str, ...]] = {}


def load_rulebook(directory: str | Path | None = None) -> Rulebook:
    """All contracts of a directory (default: those shipped), compiled and tried as ``contract lint`` tries them.

    Raises:
        ContractError: Lint would refuse one of them; the message lists all that is wrong.
    """
    return _tried(rulebooks.load_rulebook(directory))


def rulebook_of(contract: Contract) -> Rulebook:
    """The rulebook of the directory that a contract was loaded from.

    Raises:
        ContractError: It was not loaded from a file, or lint would refuse a contract of the directory.
    """
    return _tried(rulebooks.rulebook_of(contract))


def _tried(rulebook: Rulebook) -> Rulebook:
    contracts = rulebook.contracts
    if contracts.directory == shipped("contracts"):  # linted before they are shipped
        return rulebook
    key = (str(contracts.directory), contracts.digest)
    if key not in _FOUND and not has_passed("tried", contracts.digest):
        from probation_etl.runs.lint import trial_faults

        check_reference_tables(contracts)
        _FOUND[key] = tuple(trial_faults(rulebook))
        # Only of what was compiled is it certain that this is its digest: somebody may have changed a file meanwhile.
        if not _FOUND[key] and has_passed("compiled", contracts.digest):
            note_passed("tried", contracts.digest)
    _refuse(_FOUND.get(key, ()))
    return rulebook


@typed
def load_contract(name: str | Path) -> Contract:
    """One contract: a shipped one by its id, or any by the path of its file.

    Raises:
        ContractError: There is no such contract, or lint refuses it; the message lists all that is wrong.
        UsageError: The name is neither an id nor a path.
    """
    from probation_etl.targets import hand_over

    contract = hand_over.load_contract(name)
    if contract.path == Path(name):
        from probation_etl.runs.lint import lint

        _refuse(lint([Path(name)]).faults)
    return contract


@typed
def load_contracts(directory: str | Path | None = None) -> Contracts:
    """All contracts of a directory (default: those shipped), unified tables derived where none is written.

    Raises:
        ContractError: The directory holds none, or lint refuses one; the message lists all that is wrong.
    """
    from probation_etl.targets import hand_over

    load_rulebook(directory)
    return hand_over.load_contracts(directory)


def _refuse(faults: tuple[str, ...]) -> None:
    if faults:
        raise ContractError(f"{len(faults)} fault(s) found in the contracts:", faults=faults)
