"""The published figures that the sample is built from, and who sends them."""

from probation_etl.sample.tables import Figure, Sender, shipped_tables

PROBATION_OFFICER = "Probation officer (or equivalent)"
PROBATION_SERVICES_OFFICER = "Probation services officer (or equivalent)"


def read_figures() -> tuple[Figure, ...]:
    """The 48 figures of Annexe 2, in the order of the source."""
    return shipped_tables().figures


def read_senders() -> dict[str, Sender]:
    """The organisations that figures are published for, by provider code in alphabetical order."""
    published = {figure.provider_code for figure in read_figures()}
    return {each.code: each for each in shipped_tables().senders if each.code in published}
