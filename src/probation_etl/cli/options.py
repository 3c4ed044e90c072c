"""Options that several commands have."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from probation_etl.errors import EnvironmentFailure

contracts_option = click.option(
    "--contracts", type=click.Path(path_type=Path), help="Directory of contracts (default: those shipped)."
)
store_option = click.option(
    "--store", default="duckdb:///probation.duckdb", show_default=True, help="URL of the store."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
limit_option = click.option(
    "--limit", "limits", multiple=True, metavar="NAME=NUMBER",
    help="How large a file may be, such as rows=1000000; more than once for several. An unknown name lists them all.",
)  # fmt: skip
as_of_option = click.option(
    "--as-of", metavar="RUN|TIME", help="Show the store as it was after that run, or at that time (UTC, ISO 8601)."
)


def moment(text: str | None) -> str | datetime | None:
    """A time where the text is one, else the name of a run."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return text


def present(store: str) -> None:
    """Says that there is no store, rather than make one to look into.

    Raises:
        EnvironmentFailure: There is none at this URL.
        UsageError: The URL is not of a kind that can be opened.
    """
    from probation_etl.stores import exists, shown_url

    if not exists(store):
        raise EnvironmentFailure(
            f"There is no store at {shown_url(store)}: run ‘probation-etl run’ first, or name another."
        )
