"""In what a value differs from the one that its column lists, or from the form that its pattern asks.

Of a restricted value no more is said than its shape says already: the place of a character, and what kind of character it is.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import partial

from probation_etl.contracts.checks.patterns_in_words import pieces_of
from probation_etl.contracts.model import Column

#: Signs that people have no name for at hand, or take for one another.
_NAMES = {
    " ": "a space", "\u00a0": "a no-break space", "\t": "a tab", "\n": "a line break", "\r": "a line break", "-": "a hyphen",
    "\u2010": "a hyphen of another kind", "\u2011": "a no-break hyphen", "\u2012": "a figure dash", "\u2013": "an en dash",
    "\u2014": "an em dash", "\u2212": "a minus sign", "\u00ad": "a soft hyphen", ".": "a full stop", ",": "a comma",
    "'": "a straight apostrophe", "\u2018": "an opening quotation mark", "\u2019": "a curly apostrophe", "\u200b": "a zero-width space",
}  # fmt: skip
_DASHES, _QUOTES, _UNSEEN = (
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212",
    "\u2018\u2019\u02bc\u00b4`",
    "\u00ad\u200b\u200c\u200d\u2060\ufeff",
)
#: Letters of other scripts that look like Latin ones.
_LOOKALIKES = dict(
    zip(
        "АВЕКМНОРСТХУІЅЈаеорсхуіѕјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABEKMHOPCTXYISJaeopcxyisjABEZHIKMNOPTYXo",
        strict=True,
    )
)
_MOST_NAMED = 3


def from_listed(value: str, column: Column) -> tuple[str, str] | None:
    """The listed value that a value was meant for, and in what it differs from it; None where it is like none of them."""
    folded = _folded(value)
    listed = next((each for each in column.labels if _folded(each) == folded), None)
    if listed is None or not folded:
        return None
    found = list(dict.fromkeys(_differences(value, listed, restricted=column.restricted)))
    if len(found) > _MOST_NAMED and value.casefold() == listed.casefold():
        return listed, "capital letters where the list has small ones, or the other way round"
    more = [] if len(found) <= _MOST_NAMED else [f"{len(found) - _MOST_NAMED} more"]
    return listed, ", and ".join([*found[:_MOST_NAMED], *more])


def _folded(text: str) -> str:
    """The text without what eyes pass over: case, accents, kinds of spaces, dashes and quotation marks, a full stop at the end."""
    return "".join(map(_alike, text)).replace(" ", "").rstrip(".,;:")


def _alike(sign: str) -> str:
    """What a character is taken for; nothing where nobody sees it."""
    if sign in _UNSEEN:
        return ""
    if sign.isspace():
        return " "
    if sign in _DASHES:
        return "-"
    if sign in _QUOTES:
        return "'"
    plain = unicodedata.normalize("NFKD", _LOOKALIKES.get(sign, sign))
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def _differences(value: str, listed: str, *, restricted: bool) -> Iterator[str]:
    """What is in the value and not in the list, from left to right."""
    where = partial(_at_place if restricted else _after, value)
    name = _kind if restricted else _name
    pairs = SequenceMatcher(None, [_alike(each) for each in value], [_alike(each) for each in listed], autojunk=False)
    for what, start, end, there, there_end in pairs.get_opcodes():
        if what == "equal":
            for at, (own, due) in enumerate(zip(value[start:end], listed[there:there_end], strict=True), start=start):
                if own != due:
                    yield f"{name(own)} {where(at)} (the list has {name(due)})"
            continue
        if end > start:
            extra = value[start:end]
            more = "a space too many" if extra == " " else " and ".join(map(name, extra))
            yield f"{more} {where(start)}"
        if there_end > there:
            yield f"no {' and no '.join(name(each).split(' ', 1)[-1] for each in listed[there:there_end])} {where(start)}"


def _after(value: str, at: int) -> str:
    """Where a character is: after a word, as people would find it."""
    before, within = value[:at].split(), value[at - 1 : at + 1]
    if value[at:] and not value[at:].strip(".,;: "):
        return "at the end"
    if at and len(within) == 2 and not any(map(str.isspace, within)):
        return f"in ‘{before[-1]}{value[at:].split()[0]}’"
    return f"after ‘{before[-1]}’" if before else "at the beginning"


def _at_place(_value: str, at: int) -> str:
    return f"at place {at + 1}"


def _name(sign: str) -> str:
    """A character by its name."""
    if sign in _LOOKALIKES:
        return f"a {_script(sign)} letter that looks like ‘{_LOOKALIKES[sign]}’"
    if sign.isalpha() and sign.isascii():
        return f"a {'capital' if sign.isupper() else 'small'} ‘{sign}’"
    return _NAMES.get(sign) or (f"‘{sign}’" if sign.isprintable() and not sign.isspace() else _by_unicode(sign))


def _kind(sign: str) -> str:
    """What kind of character it is; of a letter or digit no more than that."""
    if sign.isalpha():
        size = "capital " if sign.isupper() else "small " if sign.islower() else ""
        return f"a {size}letter" if sign.isascii() else f"a {size}letter that is not one of A to Z"
    if sign.isnumeric():
        return "a digit" if sign in "0123456789" else "a number that is not one of 0 to 9"
    return _name(sign)


def _script(sign: str) -> str:
    return unicodedata.name(sign).split()[0].capitalize()


def _by_unicode(sign: str) -> str:
    return f"a character called {unicodedata.name(sign, f'U+{ord(sign):04X}').lower()}"


def from_form(value: str, column: Column) -> str | None:
    """The places at which a value departs from the pattern of its column; None where the pattern is not a simple sequence."""
    pieces = pieces_of(column.pattern or "")
    if pieces is None:
        return None
    least, most = sum(each.least for each in pieces), sum(each.most or len(value) for each in pieces)
    count = _count(len(value), least, most)
    if least == most == len(value):
        due = [each for each in pieces for _ in range(each.least)]
        wrong = [at for at, each in enumerate(due) if value[at] not in each.members]
        found = [f"place {at + 1} is not {due[at].one}, but {_kind(value[at])}" for at in wrong[:_MOST_NAMED]]
        return "; ".join(found) or None
    at = 0
    for piece in pieces:
        begin = at
        while at < len(value) and value[at] in piece.members and (piece.most is None or at - begin < piece.most):
            at += 1
        if at - begin < piece.least:
            wrong_here = (
                "it ends too soon" if at == len(value) else f"place {at + 1} is not {piece.one}, but {_kind(value[at])}"
            )
            return f"{wrong_here}{count}"
    return f"place {at + 1}, {_kind(value[at])}, should not be there{count}" if at < len(value) else None


def _count(own: int, least: int, most: int) -> str:
    """How many characters there are, and how many are due, where these differ."""
    if least <= own <= most:
        return ""
    due = f"{least}" if least == most else f"at least {least}" if own < least else f"at most {most}"
    return f"; there {'is 1 character' if own == 1 else f'are {own} characters'}, and {due} are due"
