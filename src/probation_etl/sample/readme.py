"""The README beside synthetic returns: what in them is synthetic, what is not, and how to use them."""

from __future__ import annotations

from probation_etl.sample.options import Wanted

_TEXT = """\
SYNTHETIC RETURNS
=================

The files in the folder ‘inbox’ were made by ‘probation-etl sample’. They are synthetic: no organisation sent them, and no
row is about a person. Case references, dates, courts, statuses, outcomes, officers and cases are made up. The layouts of
the files are made up as well.

What is not made up: the names and codes of the organisations, and 48 average caseloads of twelve of them on 1 March and
28 September 2020, which are published figures.

{figures}

Source of all published figures: HM Inspectorate of Probation, thematic review of probation services' recovery from Covid-19
(February 2021). Contains public sector information licensed under the Open Government Licence v3.0.

Made with: organisations {organisations}, from {first} to {last}, rows {rows}, seed {seed}, faults {faults}.
The same options give the same files, byte for byte.

To load them:  probation-etl run inbox
{faulty}"""

_ADD_UP = """\
The weekly numbers of breaches add up to published figures: heard per week before the lockdown, 239 (NPS) and 923 (CRCs);
in the middle of April 2020, 110 and 225; at the end of November, CRCs below half of the weekly level before. Suspended, of all
logged with courts: 28 per cent in August 2020; at the end of November 11 per cent, 6 (NPS) and 13 (CRCs). The weeks between
are interpolated. A breach that is suspended was logged with a court and not proceeded with."""
_DO_NOT_ADD_UP = """\
These returns are a part of the set, have as many rows as were asked for, or have faults. So their weekly numbers of breaches
do not add up to published figures, as those of the whole set do."""
_FAULTY = """
Faults were planted on purpose. ‘answer_key.csv’ lists each with its file, sheet, row, column and the rule that it breaks.
"""


def readme(wanted: Wanted, *, published: bool) -> str:
    """The text beside the files."""
    return _TEXT.format(
        figures=_ADD_UP if published else _DO_NOT_ADD_UP,
        organisations=" ".join(wanted.organisations) or "all",
        first=wanted.first,
        last=wanted.last,
        rows="as counted" if wanted.rows is None else wanted.rows,
        seed=wanted.seed,
        faults=wanted.faults,
        faulty=_FAULTY if wanted.faults else "",
    )
