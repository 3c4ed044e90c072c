"""Returns from many suppliers into one trusted data set, with a report for each supplier on what to fix.

Names are loaded when they are first used, so that ``import probation_etl`` alone loads no engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from probation_etl.version import VERSION as __version__  # noqa: N811 -- the usual name

if TYPE_CHECKING:
    from probation_etl.api import (
        export,
        harmonise,
        open_store,
        remember_in,
        trace,
        validate,
        verify,
        write_guide,
        write_tracker,
    )
    from probation_etl.audit.verify import Verification
    from probation_etl.comparison.diff import ContractDiff, diff_contracts
    from probation_etl.contracts.findings import CATALOGUE, Finding
    from probation_etl.contracts.model import Contract
    from probation_etl.drafting import ContractDraft, draft_contract
    from probation_etl.errors import (
        ContractError,
        EnvironmentFailure,
        InternalError,
        LockedError,
        ProbationEtlError,
        ReconciliationError,
        StoreError,
        UsageError,
    )
    from probation_etl.intake.result import ReturnResult
    from probation_etl.runs.admission import load_contract, load_contracts
    from probation_etl.runs.result import RunResult
    from probation_etl.runs.run import run
    from probation_etl.runs.withdrawal import withdraw
    from probation_etl.stores import Store

__all__ = [
    "CATALOGUE",
    "Contract",
    "ContractDiff",
    "ContractDraft",
    "ContractError",
    "EnvironmentFailure",
    "Finding",
    "InternalError",
    "LockedError",
    "ProbationEtlError",
    "ReconciliationError",
    "ReturnResult",
    "RunResult",
    "Store",
    "StoreError",
    "UsageError",
    "Verification",
    "__version__",
    "diff_contracts",
    "draft_contract",
    "export",
    "harmonise",
    "load_contract",
    "load_contracts",
    "open_store",
    "remember_in",
    "run",
    "trace",
    "validate",
    "verify",
    "withdraw",
    "write_guide",
    "write_tracker",
]

_HOMES = {
    "comparison.diff": ("ContractDiff", "diff_contracts"),
    "api": ("export", "harmonise", "open_store", "remember_in", "trace", "validate", "verify", "write_guide", "write_tracker"),
    "contracts.model": ("Contract",),
    "drafting": ("ContractDraft", "draft_contract"),
    "errors": (
        "ContractError", "EnvironmentFailure", "InternalError", "LockedError", "ProbationEtlError",
        "ReconciliationError", "StoreError", "UsageError",
    ),
    "contracts.findings": ("CATALOGUE", "Finding"),
    "runs.result": ("RunResult",),
    "runs.run": ("run",),
    "runs.withdrawal": ("withdraw",),
    "intake.result": ("ReturnResult",),
    "stores": ("Store",),
    "runs.admission": ("load_contract", "load_contracts"),
    "audit.verify": ("Verification",),
}  # fmt: skip
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module ‘{__name__}’ has no attribute ‘{name}’")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
