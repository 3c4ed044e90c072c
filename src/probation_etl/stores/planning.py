"""What a database is told, or asked, so that it answers quickly and in bounded memory: each knows itself what it needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Planning:
    """What an engine does for its plans: nothing, unless it says otherwise."""

    def looked_up(self, query: str) -> str | None:  # noqa: ARG002 -- for those that can
        """How a view looks a number up that changes; None where the number has to be written into the view, which is then remade.

        An embedded database plans the look-up as a join, and a condition that reads such a view may then take all memory.
        """
        return None

    def find_quickly(self, schema: str, table: str, by: Mapping[str, Sequence[str]]) -> None:
        """Lets rows of a table be found, once rows were added to it; where the database reads a whole column as fast, nothing is done.

        Args:
            schema: The schema.
            table: The table.
            by: The expressions by which rows are found, under a name for each way.
        """

    def find_no_more(self, schema: str, table: str, name: str) -> None:
        """Lets rows no longer be found quickly in the way of this name."""

    def definition(self, schema: str, view: str) -> str | None:  # noqa: ARG002 -- for those that keep it as they understand it
        """The query of a view as the database has it, where it can be taken for the same as the view."""
        return None

    def count_up(self, table: str) -> None:
        """Lets the database count the values of a table that was just made, to plan queries by."""

    def can_group(self, rows: str, count: int, by: Sequence[Sequence[str]]) -> list[bool]:  # noqa: ARG002 -- for those that group in this process
        """Whether rows can be grouped by columns without their groups taking the memory of this process, for each choice of columns.

        Args:
            rows: A query for the rows.
            count: How many they are.
            by: The columns that they are to be grouped by, for each choice.
        """
        return [True for _ in by]

    def shares(self, count: int, columns: Sequence[str]) -> list[str]:  # noqa: ARG002 -- for those that group in this process
        """Conditions by which rows can be grouped one share after the other; rows with the same values are in one share.

        Args:
            count: How many rows there are.
            columns: The columns that they are grouped by.
        """
        return ["TRUE"]
