"""The period ends of the sample, and the case references that each return may use."""

from datetime import date

ANNEXE_2_PERIOD_ENDS = (date(2020, 3, 1), date(2020, 9, 28))
FAULTY_PERIOD_END = date(2020, 11, 29)
EDM_BEGINS = date(2020, 3, 24)
"""First day of the exceptional delivery model (EDM), before which no breach was suspended under it."""

_PERIOD_ENDS = (*ANNEXE_2_PERIOD_ENDS, FAULTY_PERIOD_END)
_PROVIDER_BLOCKS = {
    code: 10 + number
    for number, code in enumerate(("C07", "C08", "C12", "C15", "C16", "C18", "N50", "N52", "N53", "N56", "N58", "N59"))
}


def edm_has_begun(period_end: date) -> bool:
    """Whether breaches can have been suspended by the period end."""
    return period_end >= EDM_BEGINS


def first_reference(provider_code: str, period_end: date) -> int:
    """The digits of the first case reference of a return: no two returns share one."""
    return _PROVIDER_BLOCKS[provider_code] * 10_000 + first_number(period_end)


def first_number(period_end: date) -> int:
    """The number of the first breach of a period, unique across the periods of one provider."""
    return _PERIOD_ENDS.index(period_end) * 1_000 + 1
