"""The release checks that ``completeness`` of a unified table stands for: has every sender sent every return?

Contracts name the returns; who must send them is what the contracts of these returns say (``suppliers``) and the
reference table ``organisations``. What was sent is read from the ledger of the store.
"""

from __future__ import annotations

from collections.abc import Iterable

from probation_etl.contracts.identifiers import literal
from probation_etl.contracts.model import Completeness, ReleaseQuery, ReturnContract

#: Names of the checks. No other check of the table may have one of them.
LEFT_OUT, NEVER_SENT, NOT_YET_SENT = CHECKS = ("no_provider_missing", "every_provider_sends", "newest_period_complete")

_LEFT_OUT_WHY = (
    "What a provider does not send is missing from every total of that period, and looks like a fall in numbers. So each"
    " provider that has ever sent this return must have a current one, or a nil return, for every later period that is"
    " closed: one that is followed by a period for which somebody of the same kind has sent. A provider that has ceased"
    " to exist is not asked for. If a return will never come, send a nil return in the provider's name."
)
_NEVER_SENT_WHY = (
    "A return that was never sent leaves no gap that the other checks could find. Providers are taken on one by one, so"
    " this is a warning, and it applies only once more than half of those that must send the return have sent it: a store"
    " of some providers is not a national picture."
)
_NOT_YET_SENT_WHY = "Returns of the newest period come one by one, so this is a warning: the totals of that period are not complete yet."


def completeness_checks(
    senders: Iterable[ReturnContract], completeness: Completeness | None
) -> tuple[ReleaseQuery, ...]:
    """The checks, in the order in which they are shown; none where nobody must send these returns.

    Args:
        senders: Contracts of the returns.
        completeness: What the contract of their unified table asks for.
    """
    must = [each for each in senders if each.supplier_kind is not None]
    if completeness is None or not must:
        return ()
    kinds = ", ".join(literal(each) for each in completeness.returns)
    return (
        ReleaseQuery(
            LEFT_OUT, "Returns that a provider left out between its first and the newest period", _LEFT_OUT_WHY,
            completeness.severity, _gaps(kinds, in_the_newest="<"), "=", 0,
        ),
        ReleaseQuery(
            NEVER_SENT, "Providers that must send this return and have not sent it for any period", _NEVER_SENT_WHY,
            "warning", _never_sent(kinds, must), "=", 0,
        ),
        ReleaseQuery(
            NOT_YET_SENT, "Providers that have not sent for the newest period yet", _NOT_YET_SENT_WHY,
            "warning", _gaps(kinds, in_the_newest="="), "=", 0,
        ),
    )  # fmt: skip


def _gaps(kinds: str, *, in_the_newest: str) -> str:
    """Counts periods without a return of a provider that sent one before: those before the newest (<), or that one (=).

    A return may cover several of the periods that others send one by one.
    """
    return f"""
WITH sent AS (
  SELECT kind, supplier_code, COALESCE(period_start, period_end) AS period_start, period_end
  FROM ledger.current_returns WHERE kind IN ({kinds})
),
first AS (SELECT kind, supplier_code, MIN(period_end) AS period_end FROM sent GROUP BY 1, 2),
newest AS (SELECT kind, MAX(period_end) AS period_end FROM sent GROUP BY 1),
period AS (SELECT DISTINCT kind, period_end FROM sent)
SELECT COUNT(*)
FROM first AS f
JOIN period AS p ON p.kind = f.kind AND p.period_end > f.period_end
JOIN newest AS n ON n.kind = f.kind AND p.period_end {in_the_newest} n.period_end
WHERE EXISTS (
    SELECT 1 FROM reference.organisations AS o
    WHERE o.code = f.supplier_code AND (o.valid_to IS NULL OR o.valid_to = '' OR p.period_end <= CAST(o.valid_to AS DATE))
  )
  AND NOT EXISTS (
    SELECT 1 FROM sent AS s
    WHERE s.kind = f.kind AND s.supplier_code = f.supplier_code AND p.period_end BETWEEN s.period_start AND s.period_end
  )"""


def _never_sent(kinds: str, must: Iterable[ReturnContract]) -> str:
    """Counts who must send a return and never has, once more than half of those who must send it have."""
    values = ", ".join(
        f"({_text(each.id)}, {_text(each.supplier_kind)}, {_text(each.expected_level)})" for each in must
    )
    return f"""
WITH sent AS (
  SELECT kind, supplier_code, period_end FROM ledger.current_returns WHERE kind IN ({kinds})
),
awaited AS (
  SELECT DISTINCT s.kind, o.code
  FROM (VALUES {values}) AS k(kind, sender_kind, level)
  JOIN (SELECT DISTINCT kind, period_end FROM sent) AS s ON s.kind = k.kind
  JOIN reference.organisations AS o ON o.kind = k.sender_kind AND (k.level IS NULL OR o.level = k.level)
  WHERE (o.valid_from IS NULL OR o.valid_from = '' OR s.period_end >= CAST(o.valid_from AS DATE))
    AND (o.valid_to IS NULL OR o.valid_to = '' OR s.period_end <= CAST(o.valid_to AS DATE))
),
come AS (
  SELECT a.kind, a.code, CASE WHEN s.supplier_code IS NULL THEN 0 ELSE 1 END AS has_sent
  FROM awaited AS a
  LEFT JOIN (SELECT DISTINCT kind, supplier_code FROM sent) AS s ON s.kind = a.kind AND s.supplier_code = a.code
)
SELECT COUNT(*)
FROM come AS c
JOIN (SELECT kind, SUM(has_sent) AS senders, COUNT(*) AS providers FROM come GROUP BY kind) AS n ON n.kind = c.kind
WHERE c.has_sent = 0 AND 2 * n.senders > n.providers"""


def _text(value: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if value is None else literal(value)
