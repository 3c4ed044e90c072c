"""What a store holds: kept returns read again, rows traced to their source, invariants verified, tables exported."""
