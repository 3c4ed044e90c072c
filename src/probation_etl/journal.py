"""What is logged of the work: one line for each stage of a return and of a run, in fixed words and without a value of a return.

Nothing here configures logging. Who wants the lines takes them from the logger ``probation_etl``; what belongs to a line is in
attributes of its record, named as in ``docs/reference/schemas/log.schema.json``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Literal

from probation_etl.discreet import Discreet
from probation_etl.stages import counted, spend

logger = logging.getLogger(__name__)

Stage = Literal["run", "read", "identify", "validate", "load", "check", "release", "write", "notify"]
_MESSAGES: Mapping[Stage, str] = {
    "run": "run finished", "read": "file read", "identify": "return identified", "validate": "return validated",
    "load": "return loaded", "check": "release checks done", "release": "tables released", "write": "folder written", "notify": "run told",
}  # fmt: skip
#: Stages of single returns; those of a run are counted where they are at work.
_OF_A_RETURN = frozenset(("read", "validate", "load"))


@dataclass(frozen=True)
class RunName(Discreet):
    """The name of a run, and when it started (UTC)."""

    run_id: str
    started_at: datetime

    @classmethod
    def new(cls) -> RunName:
        """The name of a run that starts now; no other has it."""
        import secrets

        now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
        return cls(f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}", now)


_CURRENT: ContextVar[RunName | None] = ContextVar("probation_etl_run", default=None)


def current_run() -> str | None:
    """The run that the work is part of; None outside of one."""
    name = _CURRENT.get()
    return name.run_id if name else None


def name_run() -> RunName:
    """Names the run that the rest of this context is part of, before anything of it can fail."""
    name = RunName.new()
    _CURRENT.set(name)
    return name


@contextmanager
def named_run() -> Iterator[RunName]:
    """The run that the work inside is part of: the one that is named already, or a new one. Its seconds are counted by stage."""
    with counted():
        name = _CURRENT.get()
        if name is not None:
            yield name
            return
        token = _CURRENT.set(RunName.new())
        try:
            yield _CURRENT.get() or RunName.new()
        finally:
            _CURRENT.reset(token)


#: Seconds between two signs of life in a wait.
SIGN_EVERY = 5.0
_FOLLOWER: ContextVar[Callable[[], None] | None] = ContextVar("probation_etl_follower", default=None)


@contextmanager
def followed(by: Callable[[], None]) -> Iterator[None]:
    """Inside, somebody is called whenever the work has gone a step further."""
    token = _FOLLOWER.set(by)
    try:
        yield
    finally:
        _FOLLOWER.reset(token)


def goes_on() -> None:
    """Says that the work goes on: after a step, and while it waits for something that must end. Whatever hangs does not say so."""
    follower = _FOLLOWER.get()
    if follower:
        follower()


class Clock:
    """How long something takes, from here on."""

    def __init__(self) -> None:
        self._begun = perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds up to now."""
        return round(perf_counter() - self._begun, 3)


def tell(
    stage: Stage,
    outcome: str,
    *,
    message: str = "",
    level: int = logging.INFO,
    counts: Mapping[str, int] | None = None,
    seconds: float | None = None,
    stages: Mapping[str, float] | None = None,
    exit_code: int | None = None,
    return_id: str | None = None,
    file: str | None = None,
    sheet: str | None = None,
    contract: str | None = None,
    supplier: str | None = None,
    period_end: date | None = None,
    target: str | None = None,
) -> None:
    """Logs that a stage is done, with what is known.

    Args:
        stage: Which stage.
        outcome: What came of it: a verdict, the code of a finding, or a word of the stage.
        message: What the line says; by default the words of the stage.
        level: Level of logging.
        counts: Numbers of rows, findings, files or returns, by their names.
        seconds: How long it took. Those of a return count for its stage.
        stages: How long each stage of the run took.
        exit_code: What the command line ends with.
        return_id: Name of the return in the store.
        file: Name of the file, as it is shown.
        sheet: Name of the sheet.
        contract: Id of the contract.
        supplier: Code of the supplier.
        period_end: Last day of the period.
        target: Who is told of the run, without what is secret in an address.
    """
    if seconds is not None and stage in _OF_A_RETURN:
        spend(stage, seconds)
    if logger.isEnabledFor(level):
        known = {
            "stage": stage, "return": return_id, "file": file, "sheet": sheet, "contract": contract, "supplier": supplier,
            "period_end": period_end and period_end.isoformat(), "counts": counts and dict(counts), "seconds": seconds,
            "stages": stages and dict(stages),
            "outcome": outcome, "exit_code": exit_code, "target": target,
        }  # fmt: skip
        logger.log(
            level, message or _MESSAGES[stage], extra={key: value for key, value in known.items() if value is not None}
        )
    if stage != "notify":  # which may be about whoever follows
        goes_on()
