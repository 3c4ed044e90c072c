"""What the text of a row says that is no row of data: end marks, nil returns, instructions, notes, names of totals.

Only words are looked at here; where the row stands, and what else is in it, is for :mod:`data_rows`.
"""

from __future__ import annotations

import difflib
import re

from probation_etl.contracts.model import Column
from probation_etl.intake.readers import BLANKS

#: Rows whose first text begins like this may be marks or nil returns; a fast pattern for all rows of a return.
PERHAPS_ASIDE = (
    r"(?i)^[^\p{L}\p{N}]*(end\b|eof\b|page\b|report\b|printed\b|generated\b|exported\b|extracted\b|run\b|produced\b|created\b"
    r"|nil\b|none\b|n/?a\b|n\.a|no\b|not\b|nothing\b|zero\b|there\b|[0-9,]+ ?(rows?|records?|lines?|results?|cases?|items?)\b)"
)
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_THINGS = r"(rows?|records?|lines?|results?|items?|entries)"
_END = re.compile(
    r"(the )?end|eof|end of (the )?(\w+ ){0,2}(report|file|data|extract|list|table|return|sheet|document|output|records?|rows|results)",
    re.IGNORECASE,
)
_MARK = re.compile(
    r"page \d+( ?(of|/) ?\d+)?"
    rf"|[\d,]+ {_THINGS}( ?\(?s\)?)?( (were |was )?(affected|selected|returned|found|fetched|in total|in set|exported))?.{{0,20}}"
    r"|(report |file |data |extract |list )?(was )?(generated|printed|exported|extracted|produced|created|run)( (on|at|by|for|from)|:)? .{1,80}",
    re.IGNORECASE | re.DOTALL,
)
_NIL_WORD = re.compile(
    r"nil|none|nil returns?|nil report|nil data|n/?a|n\.a|not applicable|nothing|zero returns?|no returns?|no data|no cases"
    rf"|no (matching )?{_THINGS}|0 {_THINGS}|nil to report",
    re.IGNORECASE,
)
_NIL_SENTENCE = re.compile(
    r"(there (were|are|was|is|has been|have been) )?(no|nil|none|nothing|zero)\b.{0,120}"
    r"\b(period|fortnight|week|month|quarter|year|time|report|reported|declare|recorded|received|submit|return|found|returned|selected)\b.{0,40}",
    re.IGNORECASE | re.DOTALL,
)
_NONE_OF = re.compile(r"(there (were|are|was|is|have been) )?(no|nil|none|nothing|zero)\b", re.IGNORECASE)
_NOUGHT = re.compile(r"0|[-–—]+|")
_TYPE_WORD = re.compile(
    r"mandatory|optional|required|conditional|compulsory|not required|text|free text|string|number|numeric|integer|whole number"
    r"|decimal|date|boolean|alphanumeric|list|drop[- ]?down( list)?|yes/no|y/n|y or n|true/false|%|£|£000s?|fte|(var)?char( ?\(?\d+\)?)?"
    r"|max(imum)?( of)? \d+( char(acter)?s?)?|\d+ char(acter)?s?( max(imum)?)?|(d{1,2}|m{1,4}|y{2,4})([-/. ](d{1,2}|m{1,4}|y{2,4})){1,2}",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"(e\.?g\b|for example\b|example\b|format\b|(please )?(select|choose|pick|enter|type|insert|complete|fill|use|leave|do not|provide|write)\b"
    r"|must be\b|should be\b|as (dd|yyyy)).*|.*\b(from (the )?(drop[- ]?down|list)|dd/mm/yy(yy)?|yyyy-mm-dd)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_EXAMPLE = re.compile(r"(e\.g\.?|eg[.:]|for example\b|example:)\s*\S.*", re.IGNORECASE | re.DOTALL)
_NOTE = re.compile(
    r"(foot)?notes?( ?\(?\d{1,2}\)?)?|sources?|(foot)?notes? ?\(?\d{1,2}\)? .*"
    r"|((foot)?notes?|n\.?b|please note|sources?|caveats?|comments?|remarks?|disclaimer|contacts?|definitions?|key|legend|coverage|data)"
    r"( ?\(?\d{1,2}\)?)?\s*(:|\.\s|\s[-–—]\s).*"
    r"|(prepared|produced|compiled|checked|signed( off)?|authorised|approved|submitted|completed) by\b.*|(last )?updated( on|:).*"
    r"|[*†‡§¶#¹²³⁴⁵⁶⁷⁸⁹©].+|\[\w{1,4}\]\s*\S.*|\(\w{1,2}\)\s+\S.*|\d{1,2}[.):]\s+\S.*|(crown )?copyright\b.*",
    re.IGNORECASE | re.DOTALL,
)
_CONTINUED = re.compile(r"\b(continued|cont'?d|cont)\b|^(part|page|sheet|table) \d", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{2,}")
_DAYS = re.compile(
    r"(mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
    r"|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?",
    re.IGNORECASE,
)
_LIKE = 0.6
_TOTAL = r"(grand |overall |report |page |running |final |column |row |sub[- ]?)?totals?"
_NAMED_TOTAL = re.compile(
    rf"{_TOTAL}|overall|sums?|all|cyfanswm|averages?|mean|median|(%|per ?cent) of total"
    rf"|{_TOTAL}\s*([:(–—-]|for |of |in |across |by |excluding |including )\s*.*|(sum|average|mean) of .*"
    r"|\S.{0,80}\s*[:(–—-]\s*(sub[- ]?|grand )?totals?|\S.{0,80}\s(sub[- ]?|grand )?totals?",
    re.IGNORECASE | re.DOTALL,
)
_ALL_OF = re.compile(
    r"(all|total) (the |of the )?(\w+ )?(units?|areas?|regions?|teams?|offices?|branches|courts?|grades?|cases?|staff|officers?|rows?|sites?"
    r"|providers?|suppliers?|groups?|categories|types?|locations?|districts?|counties|clusters?|organisations?|services?|of the above)",
    re.IGNORECASE,
)
_PERHAPS_TOTAL = re.compile(r"(total|all|overall|combined|whole|entire)\s.+|combined", re.IGNORECASE | re.DOTALL)
#: What a name of a total has in it; a fast pattern for all rows of a return.
PERHAPS_TOTAL = (
    r"(?i)total|overall|^\W*sums?\b|^\W*all\b|cyfanswm|^\W*averages?\b|^\W*(mean|median)\b|combined|whole|entire"
)


def bare(text: str) -> str:
    """The text without stars, dashes, brackets and the like around it."""
    return _EDGES.sub("", text)


def is_mark(text: str) -> bool:
    """Whether a text marks the end of a report, counts its rows, or says which page it is or when it was made."""
    return ends(text) or _MARK.fullmatch(bare(text)) is not None


def ends(text: str) -> bool:
    """Whether a text says that nothing follows it."""
    return _END.fullmatch(bare(text)) is not None


def says_nil(text: str) -> bool:
    """Whether a text says that there is nothing to report."""
    words = bare(text)
    return _NIL_WORD.fullmatch(words) is not None or _NIL_SENTENCE.fullmatch(words) is not None


def may_say_nil(text: str) -> bool:
    """Whether a text says so if it is all that stands below the header: ``No suspended breaches``."""
    return says_nil(text) or _NONE_OF.match(bare(text)) is not None


def is_nought(text: str) -> bool:
    """Whether a text is a nought or a dash, which says nothing beside a ``nil``."""
    return _NOUGHT.fullmatch(text) is not None


def is_type_word(text: str) -> bool:
    """Whether a text says of what type a column is, or that it must be filled in: ``dd/mm/yyyy``, ``Mandatory``."""
    return _TYPE_WORD.fullmatch(bare(text) or text) is not None


def instructs(text: str) -> bool:
    """Whether a text tells how to fill in a column: ``e.g. …``, ``Select from list``."""
    return is_type_word(text) or _INSTRUCTION.fullmatch(bare(text)) is not None


def is_example(text: str) -> bool:
    """Whether a text says itself that it is an example: ``e.g. Central``."""
    return _EXAMPLE.fullmatch(text.strip(BLANKS)) is not None


def is_marked_note(text: str) -> bool:
    """Whether a text begins as notes do: ``Source: …``, ``* …``, ``1. …``."""
    return _NOTE.fullmatch(text) is not None


def continues(text: str) -> bool:
    """Whether a title says that a table goes on: ``Loans (continued)``."""
    return _CONTINUED.search(text) is not None


def is_sentence(text: str) -> bool:
    """Whether a text is a sentence: four words and a full stop, or many words."""
    words = len(text.split())
    return (words >= 4 and text.rstrip()[-1] in ".!?…") or words >= 9


def has_words(text: str, least: int) -> bool:
    """Whether a text has so many words, names of days and months not counted."""
    return sum(1 for word in _WORD.findall(text) if not _DAYS.fullmatch(word)) >= least


def could_be_value(text: str, column: Column | None) -> bool:
    """Whether a text could be meant as a value of a column: in doubt it could."""
    if column is None:
        return False
    if text in (*column.labels, *column.value_synonyms, *column.null_tokens):
        return True
    if column.type != "string":
        return not has_words(text, 1) or text.lower() in ("true", "false")
    if column.pattern is not None:
        return re.search(column.pattern, text) is not None or not has_words(text, 1)
    if column.labels:
        # A listed value that is misspelt is a value.
        known = [each.casefold() for each in (*column.labels, *column.labels.values())]
        return bool(difflib.get_close_matches(text.casefold(), known, n=1, cutoff=_LIKE))
    return column.max_length is None or len(text) <= column.max_length


def names_total(text: str) -> bool:
    """Whether a text is the name of a total, a subtotal or an average."""
    return _NAMED_TOTAL.fullmatch(_plain(text)) is not None


def may_name_total(text: str) -> bool:
    """Whether a text may be the name of a total, such as ``Total Care Ltd``: only the numbers can say."""
    return _PERHAPS_TOTAL.fullmatch(_plain(text)) is not None


def names_all(text: str) -> bool:
    """Whether a text is the name of all of a kind, which is a total where it stands beside them: ``All units``."""
    return _ALL_OF.fullmatch(_plain(text)) is not None


def _plain(text: str) -> str:
    return bare(" ".join(text.strip(BLANKS).split()))
