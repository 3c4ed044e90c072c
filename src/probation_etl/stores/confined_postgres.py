"""PostgreSQL as far as it can be shut: a query of a contract can read tables, for a while, and do nothing else.

Lint refuses what reaches outside; should something slip through, the server refuses it as well. What a query may do is what
the user of the connection may, and a superuser may read files of the server. So for a superuser the query runs with the rights of a
role that may read tables alone, in a function, where SQL can change neither the role nor the user back.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg

from probation_etl.errors import StoreError, TooLongError

#: The role of the server that may read all tables, and nothing else; PostgreSQL 14 has it first.
_READER, _SINCE = "pg_read_all_data", 140_000
#: Function and all else are gone with the savepoint.
_AS_READER = f"""
CREATE FUNCTION pg_temp.count_of_contract(query TEXT) RETURNS BIGINT LANGUAGE plpgsql SECURITY DEFINER AS $function$
DECLARE found BIGINT;
BEGIN
    EXECUTE 'SELECT (' || query || ') AS figure' INTO found;
    RETURN found;
END
$function$;
ALTER FUNCTION pg_temp.count_of_contract OWNER TO {_READER}
"""
_ONLY_READ = "SET LOCAL transaction_read_only = on"


def only_for(seconds: float) -> str:
    """The statement after which no other takes longer, up to the end of the transaction or savepoint."""
    return f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}"


def count(connection: psycopg.Connection[Any], query: str, seconds: float) -> int:
    """The number that a query gives, in the current transaction, which is as it was afterwards.

    Raises:
        TooLongError: It took longer.
        StoreError: It cannot be computed.
    """
    connection.execute("SAVEPOINT counting")
    try:
        found = _counted(connection, query, seconds)
    except psycopg.errors.QueryCanceled:
        raise TooLongError(seconds) from None
    except (psycopg.errors.DatabaseError, TypeError):
        # The server's message may quote values of rows.
        raise StoreError("The query could not be computed.") from None
    finally:
        # The connection itself may be gone: report the first error.
        with suppress(psycopg.Error):
            connection.execute("ROLLBACK TO counting; RELEASE counting")
    return int(found[0])


def _counted(connection: psycopg.Connection[Any], query: str, seconds: float) -> Any:
    is_superuser = connection.execute("SHOW is_superuser").fetchone() == ("on",)
    as_reader = is_superuser and connection.info.server_version >= _SINCE
    if as_reader:
        connection.execute(_AS_READER.encode())
    connection.execute(f"{_ONLY_READ}; {only_for(seconds)}".encode())
    if as_reader:
        return connection.execute(b"SELECT pg_temp.count_of_contract($1)", [query]).fetchone()
    # In this form the server takes one statement alone.
    return connection.execute(f"SELECT ({query}) AS figure".encode(), binary=True).fetchone()
