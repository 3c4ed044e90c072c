"""Whether a text that a person sees says the same as the value that is stored, and if not, in what way it differs."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from probation_etl.intake.readers.base import BLANKS, Otherwise

#: Numbers from here on have more digits than spreadsheet programs keep.
TOO_LONG = 10**15
#: Decimal places that the reader keeps.
_PLACES = Decimal("1e-9")
_PLAIN = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?", re.ASCII)
_NUMBER = re.compile(
    r"(?P<whole>\d*)(?:\.(?P<decimals>\d*))?(?:E(?P<power>[+-]?\d+))?(?P<unit>.*)", re.DOTALL | re.IGNORECASE
)
_GROUPED = re.compile(r"\d{1,3}(?:(?P<mark>[.,'’])\d{3})(?:(?P=mark)\d{3})*(?![\d.,'’]*(?P=mark))")
_INDIAN = re.compile(r"\d{1,2}(?:,\d{2})+,\d{3}")
_MONEY = (
    "GBP",
    "EUR",
    "USD",
    "CHF",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "CZK",
    "AUD",
    "CAD",
    "JPY",
    "INR",
    "kr",
    "zł",
    "Kč",
    "Rs",
)
_MONEY_AT = re.compile(r"^(?:{0})(?![^\W\d_])\.?|(?:(?<=\d)|(?<=[)\s]))(?:{0})\.?$".format("|".join(_MONEY)))  # fmt: skip
_SCALE = re.compile(
    r"\b(?:[kmb]|bn|mn|tn|mio|mrd|tsd|hundreds?|dozens?|thousands?|millions?|billions?|lakhs?|crores?)\b|\d|‰",
    re.IGNORECASE,
)
_DASHES = ("-", "–", "—", "−")


def compared(text: str, value: float, *, commas: bool = False) -> Otherwise | None:
    """How a shown text differs from a stored number; None where both are one value.

    Blanks, grouping of thousands, signs of currencies, brackets about a negative number and a unit behind a blank are no
    difference, nor is a dash for nought.

    Args:
        text: What is shown.
        value: What is stored.
        commas: Whether the decimal sign may be a comma, as it depends on the language of the file.
    """
    if _PLAIN.fullmatch(text):
        plain = _plain_difference(text, value)
        if plain is not Otherwise.FORMAT or not commas:
            return plain
    found = [_difference(each, value) for each in _spellings(text, commas=commas)]
    return None if None in found else Otherwise.ROUNDED if Otherwise.ROUNDED in found else Otherwise.FORMAT


def _plain_difference(text: str, value: float) -> Otherwise | None:
    """As below, for numbers in plain digits: they are nearly all that there are."""
    apart = abs(float(text) - value)
    if apart <= 5e-10 or apart < 1e-14 * abs(value):
        return None
    return Otherwise.ROUNDED if apart <= 0.5000001 * 10.0 ** -len(text.partition(".")[2]) else Otherwise.FORMAT


def _spellings(text: str, *, commas: bool) -> list[str]:
    kept = text.translate({ord(blank): " " for blank in BLANKS}).strip()
    kept = "".join(character for character in kept if unicodedata.category(character) != "Sc")
    kept = _MONEY_AT.sub("", kept.strip()).strip()
    if not commas:
        return [kept]
    # A comma may be the decimal sign, and a point that of thousands.
    return [kept, kept.translate({ord(","): ".", ord("."): ","})]


def _difference(text: str, value: float) -> Otherwise | None:
    stored = Decimal(repr(value))
    if text in _DASHES and not stored:
        return None
    negative, rest = _signed(text)
    match = _NUMBER.fullmatch(_ungrouped(rest))
    if match is None or not (match["whole"] or match["decimals"]) or not _is_unit(match["unit"]):
        return Otherwise.FORMAT
    whole = match["whole"]
    if len(whole) > 1 and whole.startswith("0"):
        return Otherwise.FORMAT
    power = int(match["power"] or 0)
    decimals = match["decimals"] or ""
    if abs(power) > 400:
        return Otherwise.FORMAT
    shown = Decimal(f"{whole or 0}.{decimals or 0}").scaleb(power) * (-1 if negative else 1)
    apart = abs(shown - stored)
    if apart <= _PLACES / 2 or (stored and apart / abs(stored) < Decimal("1e-14")):
        return None
    unit = Decimal(1).scaleb(power - len(decimals))
    return Otherwise.ROUNDED if apart <= unit * Decimal("0.5000001") else Otherwise.FORMAT


def _signed(text: str) -> tuple[bool, str]:
    """Whether a text is negative, and the rest of it."""
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    for sign in _DASHES:
        if text.startswith(sign):
            return True, text[1:].strip()
        if text.endswith(sign):
            return True, text[:-1].strip()
    return False, text[1:].strip() if text.startswith("+") else text


def _ungrouped(text: str) -> str:
    """The number without the signs between its thousands; blanks between digits are such signs."""
    text = re.sub(r"(?<=\d) +(?=\d)", "", text)
    for form in (_GROUPED, _INDIAN):
        match = form.match(text)
        if match and "." not in match[0]:
            return re.sub(r"\D", "", match[0]) + text[match.end() :]
    return text


def _is_unit(text: str) -> bool:
    """Whether what stands behind a number leaves its value as it is: a per cent sign that is text, or words behind a blank."""
    text = text.strip() if text.strip() == "%" else text
    return text in ("", "%") or (text.startswith(" ") and not _SCALE.search(text))
