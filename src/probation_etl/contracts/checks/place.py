"""The places of a contract where expressions stand."""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """Where an expression stands in a contract; the words end a message on one that reads other rows there."""

    RULE = (
        "a rule is about one row: compare rows in a rule over the whole table (aggregate), "
        "or in a release check of the unified table (query)"
    )
    MAPPING = "a mapping is about one row: compute it in a view of the unified table (query)"
    AMOUNT = "this is computed from the columns of each row: compute it in a view of the unified table (query)"
    TABLE = "a rule adds up the rows of one table: read others in a release check of the unified table (query)"
