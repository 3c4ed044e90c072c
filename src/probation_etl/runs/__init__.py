"""The order of the stages, and nothing else."""

from __future__ import annotations

from probation_etl.runs.result import RunResult
from probation_etl.runs.run import run
from probation_etl.runs.withdrawal import withdraw

__all__ = ["RunResult", "run", "withdraw"]
