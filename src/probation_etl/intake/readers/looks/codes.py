"""Number format codes of spreadsheets, taken apart: sections for kinds of values, each a row of tokens.

``[Red][<0]-0.0%;"none";@`` has up to four sections. Which of them shows a value is decided by its sign, or by conditions.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from probation_etl.discreet import Discreet, discreet_repr

#: Formats that files name by a number alone. Those of East Asian calendars are left out: they are shown as General.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0_);\\("$"#,##0\\)', 6: '"$"#,##0_);[Red]\\("$"#,##0\\)',
    7: '"$"#,##0.00_);\\("$"#,##0.00\\)', 8: '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "dd/mm/yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm",
    21: "h:mm:ss", 22: "dd/mm/yyyy h:mm", 37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* \\(#,##0\\);_(* "-"_);_(@_)', 42: '_("$"* #,##0_);_("$"* \\(#,##0\\);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* \\(#,##0.00\\);_("$"* "-"??_);_(@_)',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
}  # fmt: skip
GENERAL = BUILT_IN[0]
#: The most characters that a code may have.
_LONGEST = 255

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"? | \\(?P<escaped>.) | (?P<blank>_.) | (?P<fill>\*.) | \[(?P<bracket>[^\]]*)\]
    | (?P<next>;) | (?P<general>General|Standard) | (?P<half>AM/PM|A/P) | (?P<exponent>E[+-])
    | (?P<day>y+|m+|d+|h+|s+(?:\.0+)?|e+|b+|g+) | (?P<digit>[0\#?]) | (?P<point>\.) | (?P<comma>,) | (?P<percent>%)
    | (?P<slash>/) | (?P<text>@) | (?P<literal>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*([+-]?\d+(?:\.\d+)?(?:E[+-]?\d+)?)", re.IGNORECASE)
_ELAPSED = re.compile(r"h+|m+|s+", re.IGNORECASE)
_DIGITS_ALONE = re.compile(r"(#,##)?0(?:\.(0+))?")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq, "<>": operator.ne,
}  # fmt: skip


class Token(NamedTuple):
    """A piece of a section: its kind, as the groups of the grammar are named, and its text."""

    kind: str
    text: str

    def __repr__(self) -> str:
        return discreet_repr(self)


class Condition(NamedTuple):
    """Which numbers a section is for."""

    sign: str
    limit: float

    def admits(self, value: float) -> bool:
        """Whether a number is among them."""
        return _COMPARE[self.sign](value, self.limit)

    @property
    def negative_alone(self) -> bool:
        """Whether no other number than a negative one can be among them, so that its sign is left to the section."""
        bound = self.sign in ("<", "<=", "=") and self.limit < 0
        return bound or (self.sign == "<" and self.limit == 0)


@dataclass(frozen=True)
class Section(Discreet):
    """How one kind of values is shown."""

    tokens: tuple[Token, ...] = ()
    condition: Condition | None = None
    red: bool = False

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of its tokens."""
        return frozenset(token.kind for token in self.tokens)

    def has(self, *kinds: str) -> bool:
        """Whether a token of one of these kinds is in it."""
        return not self.kinds.isdisjoint(kinds)

    @cached_property
    def plain(self) -> tuple[int, bool] | None:
        """Number of decimals, and whether thousands are grouped, where it shows nothing but digits; else None."""
        match = _DIGITS_ALONE.fullmatch("".join(token.text for token in self.tokens))
        only = self.kinds <= {"digit", "point", "comma"}
        return (len(match[2] or ""), match[1] is not None) if match and only else None

    @property
    def is_date(self) -> bool:
        """Whether it shows a date, a time or a duration."""
        return self.has("day", "half", "elapsed")

    @property
    def is_general(self) -> bool:
        """Whether it shows numbers as they are, as far as there is room."""
        return len(self.tokens) == 1 and self.has("general")


@lru_cache(maxsize=4_096)
def sections(code: str) -> tuple[Section, ...]:
    """The sections of a format code, in order. A code that no program would accept shows nothing special."""
    code = code if code.strip() and len(code) <= _LONGEST else GENERAL
    found: list[Section] = []
    tokens: list[Token] = []
    condition, red = None, False
    for match in _TOKEN.finditer(code):
        kind = str(match.lastgroup or "quoted")
        text = match[kind] or ""
        if kind == "next":
            found.append(Section(tuple(tokens), condition, red))
            tokens, condition, red = [], None, False
        elif kind == "bracket":
            limits = _CONDITION.fullmatch(text.strip())
            condition = Condition(limits[1], float(limits[2])) if limits else condition
            red = red or text.lower() == "red"
            tokens += _of_bracket(text)
        else:
            tokens.append(Token(*_simple(kind, text)))
    return (*found, Section(tuple(tokens), condition, red))


def _of_bracket(text: str) -> list[Token]:
    if _ELAPSED.fullmatch(text):
        return [Token("elapsed", text.lower())]
    if text.upper() in ("$-F800", "$-X-SYSDATE"):
        return [Token("system", "date")]
    if text.upper() in ("$-F400", "$-X-SYSTIME"):
        return [Token("system", "time")]
    return [Token("currency", text[1:].partition("-")[0])] if text.startswith("$") else []


def _simple(kind: str, text: str) -> tuple[str, str]:
    """A token of the grammar as one of fewer kinds."""
    if kind == "blank":
        return "literal", " "
    if kind in ("quoted", "escaped"):
        return "literal", text
    if kind == "fill":
        return "literal", ""
    return kind, text.lower() if kind == "day" else text


def section_for(code: str, value: float) -> tuple[Section, bool]:
    """The section that shows a number, and whether it has the sign in it, so that none is put before."""
    found = sections(code)
    if len(found) > 1 and found[-1].has("text"):
        found = found[:-1]
    found = found[:3]
    if len(found) == 1 and found[0].has("text"):
        return Section((Token("general", GENERAL),)), False
    if any(section.condition for section in found):
        return _by_condition(found, value)
    at = (0 if value > 0 else 1 if value < 0 else 2) if len(found) > 2 else (1 if value < 0 and len(found) > 1 else 0)
    return found[at], at == 1


def _by_condition(found: tuple[Section, ...], value: float) -> tuple[Section, bool]:
    first = found[0].condition or Condition(">=" if len(found) < 3 else ">", 0)
    if len(found) == 1 or first.admits(value):
        return found[0], False
    second = found[1].condition or (Condition("<", 0) if len(found) > 2 else None)
    if second is None:
        return found[1], first.sign in (">", ">=") and first.limit <= 0
    if len(found) == 2 or second.admits(value):
        return found[1], second.negative_alone
    return found[2], False


def section_for_text(code: str) -> Section:
    """The section that shows a text."""
    found = sections(code)
    last = found[min(len(found), 4) - 1]
    if (len(found) > 3 and not last.has("general", "digit")) or last.has("text"):
        return last
    return Section((Token("text", "@"),))
