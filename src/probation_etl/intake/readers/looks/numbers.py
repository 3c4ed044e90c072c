"""Numbers as a section of a number format shows them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from functools import lru_cache

from probation_etl.intake.readers.looks.codes import Section, Token

#: Spreadsheet programs show at most fifteen digits of a number, and noughts after them.
DIGITS = 15
_FIFTEEN, _EXACT = Context(prec=DIGITS, rounding=ROUND_HALF_UP), Context(prec=2_000, rounding=ROUND_HALF_UP)
_GENERAL_WIDTH, _GENERAL_DIGITS = 11, 10


def decimal_of(value: float) -> Decimal:
    """A number with the digits that a spreadsheet program works with."""
    return _FIFTEEN.create_decimal(repr(value))


def general(value: float) -> str:
    """A number without a format: in about eleven places, with an exponent where it does not fit."""
    number = decimal_of(value)
    if not number:
        return "0"
    size = number.adjusted()
    if -5 < size < _GENERAL_WIDTH:
        places = max(0, min(_GENERAL_DIGITS - 1 - max(size, 0), _GENERAL_DIGITS - 1))
        return _plain(number.quantize(Decimal(1).scaleb(-places), context=_EXACT))
    digits = Context(prec=6, rounding=ROUND_HALF_UP).create_decimal(number)
    mantissa = _plain(digits.scaleb(-digits.adjusted()))
    return f"{mantissa}E{digits.adjusted():+03d}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def number_text(section: Section, value: float) -> str:
    """A number without its sign, as a section shows it."""
    tokens = section.tokens
    if section.plain:
        places, grouped = section.plain
        rounded = abs(decimal_of(value)).quantize(_unit(places), context=_EXACT)
        return f"{rounded:,f}" if grouped else f"{rounded:f}"
    if section.has("general"):
        return "".join(general(abs(value)) if each.kind == "general" else _literal(each) for each in tokens)
    if not section.has("digit"):
        return "".join(map(_literal, tokens))
    number = abs(decimal_of(value)).scaleb(2 * sum(token.kind == "percent" for token in tokens))
    at = [place for place, token in enumerate(tokens) if token.kind in ("digit", "point")]
    scaled = _thousands(tokens, at)
    number = number.scaleb(-3 * scaled)
    slash = [place for place, token in enumerate(tokens) if token.kind == "slash"]
    if slash and at[0] < slash[0] and any(map(_is_place, tokens[slash[0] + 1 : slash[0] + 2])):
        return _fraction(tokens, number, slash[0])
    exponent = [place for place, token in enumerate(tokens) if token.kind == "exponent"]
    if exponent:
        return _scientific(tokens, number, exponent[0])
    return _fixed(tokens, number)


@lru_cache(maxsize=64)
def _unit(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


def _literal(token: Token) -> str:
    return "" if token.kind in ("digit", "point", "comma", "general", "system") else token.text


def _places(tokens: Sequence[Token]) -> tuple[list[int], list[int], int | None]:
    """Placeholders before the point, those behind it, and the point."""
    point = next((at for at, token in enumerate(tokens) if token.kind == "point"), None)
    digits = [at for at, token in enumerate(tokens) if token.kind == "digit"]
    if point is None:
        return digits, [], None
    return [at for at in digits if at < point], [at for at in digits if at > point], point


def _thousands(tokens: Sequence[Token], at: list[int]) -> int:
    """Commas that divide by a thousand each: those behind the last placeholder of the whole part."""
    whole, _, point = _places(tokens)
    start = whole[-1] if whole else at[0]
    count = 0
    for token in tokens[start + 1 : point]:
        if token.kind != "comma":
            break
        count += 1
    if point is not None:
        for token in tokens[at[-1] + 1 :]:
            if token.kind != "comma":
                break
            count += 1
    return count


def _fixed(tokens: Sequence[Token], number: Decimal) -> str:
    whole, behind, point = _places(tokens)
    rounded = number.quantize(_unit(len(behind)), context=_EXACT)
    digits, _, decimals = f"{rounded:f}".partition(".")
    first = whole[0] if whole else -1
    grouped = any(token.kind == "comma" for token in tokens[first + 1 : whole[-1]]) if whole else False
    shown = _before(tokens, whole, digits.lstrip("0"), grouped=grouped) | _behind(tokens, behind, decimals)
    if not whole and point is not None and digits.strip("0"):
        shown[point] = digits + "."
    elif point is not None:
        shown[point] = "."
    return "".join(shown.get(at, _literal(token)) for at, token in enumerate(tokens))


def _before(tokens: Sequence[Token], places: list[int], digits: str, *, grouped: bool) -> dict[int, str]:
    """What stands for each placeholder before the point; the first takes all digits that are left."""
    shown: dict[int, str] = {}
    least = next((len(places) - at for at, place in enumerate(places) if tokens[place].text == "0"), 0)
    padded = digits.rjust(least, "0")
    rest = len(padded)
    for count, place in enumerate(reversed(places)):
        last = count == len(places) - 1
        piece = padded[:rest] if last else padded[max(rest - 1, 0) : rest]
        if grouped:
            piece = "".join(
                digit + ("," if (left := len(padded) - (rest - len(piece)) - at - 1) and left % 3 == 0 else "")
                for at, digit in enumerate(piece)
            )
        rest = 0 if last else max(rest - 1, 0)
        shown[place] = piece or (" " if tokens[place].text == "?" else "")
    return shown


def _behind(tokens: Sequence[Token], places: list[int], decimals: str) -> dict[int, str]:
    shown, ended = {}, len(decimals.rstrip("0"))
    for at, place in enumerate(places):
        kept = at < ended or any(tokens[later].text == "0" for later in places[at:])
        shown[place] = decimals[at] if kept else " " if tokens[place].text == "?" else ""
    return shown


def _scientific(tokens: Sequence[Token], number: Decimal, at: int) -> str:
    mantissa, power = tokens[:at], tokens[at + 1 :]
    whole, behind, _ = _places(mantissa)
    width = max(len(whole), 1)
    size = number.adjusted() if number else 0
    step = size - size % width if width > 1 else size
    rounded = number.scaleb(-step).quantize(_unit(len(behind)), context=_EXACT)
    if rounded and rounded.adjusted() >= width:
        step += width
        rounded = number.scaleb(-step).quantize(_unit(len(behind)), context=_EXACT)
    sign = "-" if step < 0 else "+" if tokens[at].text.endswith("+") else ""
    return f"{_fixed(mantissa, rounded)}E{sign}{_fixed(power, Decimal(abs(step)))}"


def _is_place(token: Token) -> bool:
    """Whether a token belongs to the lower part of a fraction: places to fill, or a number that is given."""
    return token.kind == "digit" or (token.text.isascii() and token.text.isdigit())


def _fraction(tokens: Sequence[Token], number: Decimal, slash: int) -> str:
    """A number as a whole and a fraction, to the nearest that its places allow."""
    above = slash
    while above and tokens[above - 1].kind == "digit":
        above -= 1
    below = slash + 1
    while below < len(tokens) and _is_place(tokens[below]):
        below += 1
    whole = any(token.kind == "digit" for token in tokens[:above])
    fixed = "".join(token.text for token in tokens[slash + 1 : below])
    if fixed.strip("0").isdigit():
        ratio = Fraction(round(Fraction(number) * int(fixed)), int(fixed))
    else:
        ratio = Fraction(number).limit_denominator(10 ** (below - slash - 1) - 1)
    units = ratio.numerator // ratio.denominator if whole else 0
    part = ratio - units
    before = _fixed(tokens[:above], Decimal(units)) if whole else "".join(map(_literal, tokens[:above]))
    after = "".join(map(_literal, tokens[below:]))
    if whole and not part:
        return f"{before if units else before.rstrip() + '0'}{after}"
    if not units and whole:
        before = ""
    over = int(fixed) if fixed.strip("0").isdigit() else part.denominator
    return f"{before}{int(part * over)}/{over}{after}"
