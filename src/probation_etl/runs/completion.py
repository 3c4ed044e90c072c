"""A run from its first statement to its last word: what it does happens as a whole, and somebody is told of it.

The states are on the page ``docs/explanation/run.md``. Before COMMIT is sent everything can be undone, and is if anything
fails. After that nothing is undone unless the ledger says that the run is not in it: what is not known is left for the next
run, which asks the ledger again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from pathlib import Path

from probation_etl.errors import CommitError, EnvironmentFailure, LockedError, StoreError
from probation_etl.files import reason
from probation_etl.journal import Clock, tell
from probation_etl.reports.run_report import RunReport
from probation_etl.reports.tally import Tally
from probation_etl.runs.conclusion import conclude
from probation_etl.runs.result import RunResult
from probation_etl.runs.session import RunSession
from probation_etl.stages import COMMIT, seconds_by_stage, spend, spending
from probation_etl.stopping import Stopped, completing, wished

#: What a run does in its transaction.
Step = Callable[[RunSession], None]
#: Shows somebody what a run did.
Show = Callable[[RunResult], None]


def nobody(_: RunResult) -> None:
    """Shows nobody: who called has the result."""


def carry_out(session: RunSession, step: Step, *, keep: bool = True, show: Show = nobody) -> RunResult:
    """Carries out a run.

    Args:
        session: The run, on a locked store.
        step: What it does; after it, returns that are affected are validated again, totals counted and checks made.
        keep: False to undo everything at the end (a dry run).
        show: Shows somebody what it did. If that fails, the next run does.

    Raises:
        EnvironmentFailure: It could not be completed; the message says what holds.
    """
    clock = Clock()
    report, shown = _commit(session, step, keep=keep)
    if session.at_work:
        session.at_work.settled()
    result = RunResult(report, shown, seconds_by_stage())
    if wished() is not None:
        raise Stopped(*([_loaded(shown)] if session.changed and keep else []))
    _show(session, result, show)
    for each in session.afterwards if keep else ():
        each()
    _told(session)
    counts = Tally.of(report).as_dict()
    stages = {stage: seconds for stage, seconds in seconds_by_stage().items() if seconds}
    tell("run", "counted", message="seconds by stage", stages=stages)
    tell("run", report.verdict, exit_code=report.exit_code, counts=counts, seconds=clock.seconds)
    return result


def _commit(session: RunSession, step: Step, *, keep: bool) -> tuple[RunReport, Path | None]:
    """Works, makes the reports ready, commits, and shows the reports. From COMMIT on it is not interrupted."""
    with ExitStack() as commit:
        try:
            with session.store.transaction(keep=keep):
                report = _work(session, step)
                commit.enter_context(completing())
                if session.folder and session.changed:
                    with spending("report"):
                        session.folder.ready(report)
                clock = Clock()
        except CommitError as error:
            raise _told_what_holds(session, error) from None
        except BaseException as error:
            # A failure that is not of the commit itself came before it; of anything else that is not certain.
            if session.folder and (isinstance(error, EnvironmentFailure) or not session.folder.is_ready):
                session.folder.discard()
            raise
        spend(COMMIT, clock.seconds)
        with spending(COMMIT):
            return report, _publish(session)


def _work(session: RunSession, step: Step) -> RunReport:
    try:
        session.open()
        step(session)
        session.settle()
    finally:
        if session.at_work:
            session.at_work.close()
    # Only what contracts say of views and checks could be computed for ever.
    computing = session.store.computing
    with computing.limited(session.limits.query_seconds), computing.at_once() if session.changed else nullcontext():
        return conclude(session)


def _told_what_holds(session: RunSession, error: CommitError) -> StoreError:
    """The error to end with, after what is known was done."""
    if not session.changed:
        return StoreError(f"{error.failure} There was nothing to load.")
    holds = error.is_committed or _asked(session)
    if holds is None:
        told = "It is not known whether the returns were loaded: the next run finds out, and shows the reports if they were."
    elif holds:
        told = _loaded(_publish(session))
    else:
        told = "Nothing was changed."
        if session.folder:
            session.folder.discard()
    return StoreError(f"{error.failure} {told}")


def _loaded(shown: Path | None) -> str:
    where = f", and the reports are in {shown}" if shown else ""
    return f"The returns were loaded{where}. The next run tells the verdict and ends with its exit code."


def _asked(session: RunSession) -> bool | None:
    """Whether the ledger holds the run, None where it cannot be asked."""
    try:
        return session.store.ledger.has_run_after_all(session.record.run_id)
    except (StoreError, LockedError):
        return None


def _publish(session: RunSession) -> Path | None:
    return session.folder.publish() if session.folder and session.changed else None


def _show(session: RunSession, result: RunResult, show: Show) -> None:
    """Shows somebody what was done."""
    try:
        show(result)
    except BrokenPipeError:
        # A reader that has gone away wanted to know no more.
        _told(session)
        raise
    except OSError as error:
        told = _loaded(result.reports) if session.changed else "There was nothing to load."
        raise EnvironmentFailure(f"The result cannot be printed: {reason(error)}. {told}") from None


def _told(session: RunSession) -> None:
    """Notes that somebody knows, and that nothing is left to do."""
    if session.folder:
        session.folder.told()
