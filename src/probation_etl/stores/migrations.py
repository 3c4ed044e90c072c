"""The store's own tables, version by version. A released migration is never changed: the next one corrects it.

``history`` holds every accepted row of every return, for good; the ledger alone decides which of them are current, and when.
So a correction, a repeat or a late arrival never changes a value of a row. The tables of ``history`` come from the unified
contracts; the views of ``current_rows`` and ``unified`` are remade whenever a contract changes. The views of ``released`` are the
same, as they were when the release checks last passed.
"""

from __future__ import annotations

#: Schemas of a store, made where they are missing.
SCHEMAS = (
    "history", "earlier", "current_rows", "unified", "quarantine", "ledger", "reference", "received", "released",
    "released_rows", "released_reference", "released_ledger",
)  # fmt: skip

MIGRATIONS: tuple[str, ...] = (
    # 1: the first
    """
    CREATE TABLE ledger.runs (
        run_id VARCHAR PRIMARY KEY,
        sequence BIGINT NOT NULL,
        started_at TIMESTAMP NOT NULL,
        contracts_digest VARCHAR NOT NULL,
        program_version VARCHAR NOT NULL
    );
    CREATE TABLE ledger.returns (
        return_id VARCHAR PRIMARY KEY,
        sequence BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        file VARCHAR NOT NULL,
        sheet VARCHAR,
        sha256 VARCHAR NOT NULL,
        contracts_digest VARCHAR NOT NULL,
        contract_id VARCHAR,
        contract_version VARCHAR,
        supplier_code VARCHAR,
        supplier_name VARCHAR,
        period_start DATE,
        period_end DATE,
        verdict VARCHAR NOT NULL,
        loaded BOOLEAN NOT NULL,
        unresolved BOOLEAN NOT NULL,
        attempt INTEGER NOT NULL,
        rows_read BIGINT NOT NULL,
        rows_accepted BIGINT NOT NULL,
        rows_quarantined BIGINT NOT NULL,
        rows_blank BIGINT NOT NULL,
        rows_notes BIGINT NOT NULL,
        errors BIGINT NOT NULL,
        warnings BIGINT NOT NULL,
        control_rows BIGINT
    );
    CREATE TABLE quarantine.rows (
        return_id VARCHAR NOT NULL,
        source_row BIGINT NOT NULL,
        cells VARCHAR NOT NULL
    );
    CREATE TABLE quarantine.findings (
        return_id VARCHAR NOT NULL,
        code VARCHAR NOT NULL,
        rule VARCHAR NOT NULL,
        severity VARCHAR NOT NULL,
        source_row BIGINT,
        column_name VARCHAR,
        cell VARCHAR,
        value VARCHAR,
        message VARCHAR NOT NULL
    );
    CREATE TABLE ledger.contracts (digest VARCHAR NOT NULL);
    CREATE VIEW ledger.current_returns AS
    SELECT * FROM (
        SELECT r.*, ROW_NUMBER() OVER (
            PARTITION BY supplier_code, contract_id, period_end ORDER BY sequence DESC
        ) AS recency
        FROM ledger.returns AS r
        WHERE loaded
    ) AS ranked
    WHERE recency = 1;
    """,
    # 2: what was received is kept, so that rows can be traced to their cells and returns validated again; withdrawals;
    # any earlier state can be shown; totals of each return, counted before its rows were mapped. Entries up to
    # ``kept_since`` were made before that: they have neither content nor totals
    """
    ALTER TABLE ledger.returns ADD COLUMN kind VARCHAR;
    ALTER TABLE ledger.returns ADD COLUMN original_id VARCHAR;
    UPDATE ledger.returns SET kind = contract_id, original_id = CASE
        WHEN attempt = 1 THEN return_id
        ELSE SUBSTR(return_id, 1, LENGTH(return_id) - LENGTH(CAST(attempt AS VARCHAR)) - 1)
    END;
    CREATE TABLE ledger.decisions (
        sequence BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        original_id VARCHAR NOT NULL,
        withdrawn BOOLEAN NOT NULL,
        reason VARCHAR NOT NULL
    );
    CREATE TABLE ledger.settled (original_id VARCHAR NOT NULL, sequence BIGINT NOT NULL);
    CREATE TABLE ledger.totals (
        return_id VARCHAR NOT NULL,
        table_name VARCHAR NOT NULL,
        measure VARCHAR NOT NULL,
        expression VARCHAR NOT NULL,
        total DECIMAL(28,6) NOT NULL
    );
    CREATE TABLE received.files (sha256 VARCHAR PRIMARY KEY, content BYTEA NOT NULL);
    CREATE TABLE ledger.kept_since (sequence BIGINT NOT NULL);
    INSERT INTO ledger.kept_since SELECT COALESCE(MAX(sequence), 0) FROM ledger.returns;
    DROP VIEW ledger.current_returns CASCADE;
    CREATE TABLE ledger.standing (
        return_id VARCHAR NOT NULL,
        arrival BIGINT NOT NULL,
        withdrawn BOOLEAN NOT NULL,
        is_current BOOLEAN NOT NULL
    );
    CREATE VIEW ledger.current_returns AS
    SELECT r.*, s.arrival FROM ledger.standing AS s JOIN ledger.returns AS r ON r.return_id = s.return_id
    WHERE s.is_current;
    DELETE FROM ledger.contracts;
    """,
    # 3: what has passed the release checks, and since when. Nothing that was loaded before has been released
    """
    CREATE TABLE ledger.releases (
        sequence BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        released_at TIMESTAMP NOT NULL,
        contracts_digest VARCHAR NOT NULL
    );
    CREATE TABLE ledger.released_tables (table_name VARCHAR NOT NULL, row_count BIGINT NOT NULL);
    DELETE FROM ledger.contracts;
    """,
    # 4: returns that are rejected because of another file, which decide nothing about the order of arrival; content that came
    # again under another name. No entry before this was rejected for that
    """
    ALTER TABLE ledger.returns ADD COLUMN contested BOOLEAN;
    UPDATE ledger.returns SET contested = FALSE;
    CREATE TABLE ledger.repeats (
        sequence BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        original_id VARCHAR NOT NULL,
        file VARCHAR NOT NULL
    );
    DROP VIEW ledger.current_returns CASCADE;
    CREATE VIEW ledger.current_returns AS
    SELECT r.*, s.arrival FROM ledger.standing AS s JOIN ledger.returns AS r ON r.return_id = s.return_id
    WHERE s.is_current;
    DELETE FROM ledger.contracts;
    """,
    # 5: what tells a store from every other, wherever its database is moved to. The program puts one name into it
    """
    CREATE TABLE ledger.identity (store_id VARCHAR NOT NULL);
    """,
    # 6: contents that brought down what was reading them
    """
    CREATE TABLE ledger.failures (
        sequence BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        sha256 VARCHAR NOT NULL,
        file VARCHAR NOT NULL,
        program_version VARCHAR NOT NULL,
        what VARCHAR NOT NULL
    );
    """,
    # 7: where the ledger file is that was started for this store, if it does not lie beside it; one row once there is one
    """
    CREATE TABLE ledger.ledger_file (place VARCHAR);
    """,
    # 8: attempts at returns whose rows, findings and content were removed for good, because they had been kept for their time
    """
    CREATE TABLE ledger.purges (
        sequence BIGINT NOT NULL,
        run_id VARCHAR NOT NULL,
        return_id VARCHAR NOT NULL,
        kept_until DATE NOT NULL,
        reason VARCHAR NOT NULL
    );
    """,
    # 9: rows bear the runs from which on, and up to which, they are current; what is released are views of them. The tables
    # that were released before stay as they are until the next release. ``shown`` has the run after which ``current_rows``
    # shows the rows: beyond any, but where an earlier state is read. ``followed`` has the last entry that rows agree with
    """
    CREATE TABLE ledger.kept_tables (table_name VARCHAR NOT NULL, key_columns VARCHAR NOT NULL);
    CREATE TABLE ledger.followed (sequence BIGINT NOT NULL);
    INSERT INTO ledger.followed VALUES (0);
    CREATE TABLE ledger.shown (run_sequence BIGINT NOT NULL);
    INSERT INTO ledger.shown VALUES (4611686018427387903);
    CREATE VIEW ledger.released_run AS
    SELECT u.sequence AS run_sequence FROM ledger.releases AS r JOIN ledger.runs AS u ON u.run_id = r.run_id
    ORDER BY r.sequence DESC LIMIT 1;
    ALTER TABLE ledger.released_tables ALTER COLUMN row_count DROP NOT NULL;
    ALTER TABLE ledger.released_tables ADD COLUMN definition VARCHAR;
    DELETE FROM ledger.contracts;
    """,
    # 10: a received file is kept in parts, the first of which is where the whole was before
    """
    CREATE TABLE received.further_parts (
        sha256 VARCHAR NOT NULL,
        part INTEGER NOT NULL,
        content BYTEA NOT NULL,
        PRIMARY KEY (sha256, part)
    );
    """,
)
