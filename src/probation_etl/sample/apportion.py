"""Shares out a whole number, so that the parts are whole and add up to it."""

from __future__ import annotations

from collections.abc import Sequence

from probation_etl.errors import ContractError


def apportion(total: int, weights: Sequence[float], most: Sequence[int] | None = None) -> list[int]:
    """Shares a number out by weight: each gets the whole part of its share, what remains goes to the largest remainders.

    Args:
        total: What is shared out.
        weights: The weight of each part.
        most: The most that each part can take; what it cannot take, the others get.

    Returns:
        The parts, in the order of the weights.

    Raises:
        ContractError: All parts together cannot take so much.
    """
    room = list(most) if most is not None else [total] * len(weights)
    if sum(room) < total:
        raise ContractError(
            f"{total} cannot be shared out where there is room for {sum(room)} alone: correct the weekly counts."
        )
    parts = [0] * len(weights)
    while left := total - sum(parts):
        for index, share in enumerate(
            _shares(left, [w * (r > p) for w, r, p in zip(weights, room, parts, strict=True)])
        ):
            parts[index] = min(parts[index] + share, room[index])
    return parts


def _shares(total: int, weights: Sequence[float]) -> list[int]:
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    by_remainder = sorted(range(len(parts)), key=lambda index: (parts[index] - exact[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts
