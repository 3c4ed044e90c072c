"""All that is said of a return to those who fill it in."""

from __future__ import annotations

from collections.abc import Iterator

from probation_etl.contracts.checks import Check, Kind
from probation_etl.contracts.checks.check import OF_COLUMN
from probation_etl.contracts.checks.words import one_line
from probation_etl.contracts.date_formats import in_words
from probation_etl.contracts.model import ReturnContract
from probation_etl.contracts.numbers import counted
from probation_etl.contracts.rulebook import Rulebook
from probation_etl.guide.columns import column_guides
from probation_etl.guide.examples import Examples
from probation_etl.guide.model import Guide, RuleGuide, Version, Wrong
from probation_etl.guide.recognition import recognition

_OF_COLUMNS = OF_COLUMN | {Kind.MAPPED}
_OF_RETURNS = (Kind.TABLE, Kind.ACROSS)


def describe(contract: ReturnContract, rulebook: Rulebook) -> Guide:
    """The guide to a return.

    Args:
        contract: The return, which must be in the rulebook.
        rulebook: The contracts and reference tables that returns are validated with.
    """
    examples = Examples.of(contract, rulebook)
    of_columns = [(check, wrong) for check, wrong in examples.wrong if wrong and check.kind in _OF_COLUMNS]
    checks = rulebook.schema_of(contract).checks
    right = next(iter(examples.rows), ())
    versions = rulebook.contracts.versions.get(contract.id, [contract])
    return Guide(
        id=contract.id,
        version=contract.version,
        title=contract.title,
        description=contract.description,
        sent_by=_sent_by(contract),
        often=tuple(_often(contract)),
        limits=tuple(_limits(contract)),
        recognition=recognition(contract, rulebook.reference, examples.clean),
        has_header=contract.layout.header_rows > 0,
        columns=tuple(column_guides(contract, checks, of_columns, right)),
        rules=tuple(_rule(contract, check, wrong) for check, wrong in examples.wrong if check.kind not in _OF_COLUMNS),
        examples=examples.rows,
        versions=tuple(
            Version(each.version, each.effective_from, each.effective_to, each.version == contract.version)
            for each in versions
        ),
    )


def _rule(contract: ReturnContract, check: Check, wrong: Wrong | None) -> RuleGuide:
    message = one_line(check.message) or (wrong.message if wrong else "")
    # Without a title the contract has the expression alone, which says little to those who fill it in.
    title = message if _is_untitled(contract, check) else one_line(check.words)
    return RuleGuide(
        title=title.rstrip("."),
        message="" if message == title else message,
        hint=one_line(check.hint) or (wrong.hint if wrong else ""),
        severity=check.severity,
        of_rows=check.kind not in _OF_RETURNS,
        wrong=wrong,
    )


def _is_untitled(contract: ReturnContract, check: Check) -> bool:
    rules = {
        Kind.ROW: contract.rules,
        Kind.TABLE: contract.table_rules,
        Kind.ACROSS: contract.cross_rules,
        Kind.QUERY: contract.query_rules,
    }
    return any(not each.title and check.name.endswith(f"|{each.name}") for each in rules.get(check.kind, ()))


def _sent_by(contract: ReturnContract) -> str:
    kind, level = contract.supplier_kind, contract.expected_level
    if kind is None:
        return "Any organisation"
    must = f"; those of the level ‘{level}’ must" if level else ""
    return f"Organisations of the kind ‘{kind}’{must}"


def _often(contract: ReturnContract) -> Iterator[str]:
    level = contract.service_level
    if level.frequency:
        yield f"It is sent {level.frequency}."
    if contract.period_days:
        yield f"A period has {counted(contract.period_days, 'day')}."
    if level.anchor:
        yield f"One of the periods ends on {in_words(level.anchor)}."
    if level.latency is not None:
        yield f"It is due {counted(level.latency, 'working day')} after the last day of the period."
    if level.retention:
        yield f"It is kept for {counted(level.retention.number, level.retention.unit)} after the end of its period."


def _limits(contract: ReturnContract) -> Iterator[str]:
    if contract.quarantined_share < 1:
        yield f"If more than {contract.quarantined_share:.0%} of the rows have errors, the whole return is rejected."
    else:
        yield "If every row has an error, the whole return is rejected."
    yield f"A correction that has lost more than {contract.largest_loss:.0%} of the rows is questioned."
