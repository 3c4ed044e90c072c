"""What a contract says, as frozen values: no reading of files, no engines.

There are three kinds of contract: of a return (what a supplier sends), of a table (a unified table that returns are
mapped to, or a view computed from unified tables) and of a reference table (a file beside the contracts that lookups
and queries read).
"""

from __future__ import annotations

from probation_etl.contracts.model.columns import (
    CONTEXT_COLUMNS,
    DECIMAL_PLACES,
    LINEAGE_COLUMNS,
    RESERVED_NAMES,
    Column,
    Operator,
    Severity,
    Type,
)
from probation_etl.contracts.model.contracts import Contracts
from probation_etl.contracts.model.layouts import PLAIN, DescribedBy, Layout, LeftOut, NotRead
from probation_etl.contracts.model.limits import Bound, Comparison, Interval, Length, Limit
from probation_etl.contracts.model.mappings import Lookup, MappedColumn, MappedRow, Mapping
from probation_etl.contracts.model.measures import Activity, Completeness, Counterpart, Measure, Reconciled, Replaced
from probation_etl.contracts.model.returns import LARGEST_LOSS, Cover, Delivery, Identification, ReturnContract
from probation_etl.contracts.model.rules import (
    CrossRule,
    GivenExpectation,
    QueryRule,
    Reference,
    ReleaseQuery,
    Rule,
    TableRule,
)
from probation_etl.contracts.model.tables import Contract, Layer, ReferenceContract, TableContract

__all__ = [
    "CONTEXT_COLUMNS",
    "DECIMAL_PLACES",
    "LARGEST_LOSS",
    "LINEAGE_COLUMNS",
    "PLAIN",
    "RESERVED_NAMES",
    "Activity",
    "Bound",
    "Column",
    "Comparison",
    "Completeness",
    "Contract",
    "Contracts",
    "Counterpart",
    "Cover",
    "CrossRule",
    "Delivery",
    "DescribedBy",
    "GivenExpectation",
    "Identification",
    "Interval",
    "Layer",
    "Layout",
    "LeftOut",
    "Length",
    "Limit",
    "Lookup",
    "MappedColumn",
    "MappedRow",
    "Mapping",
    "Measure",
    "NotRead",
    "Operator",
    "QueryRule",
    "Reconciled",
    "Reference",
    "ReferenceContract",
    "ReleaseQuery",
    "Replaced",
    "ReturnContract",
    "Rule",
    "Severity",
    "TableContract",
    "TableRule",
    "Type",
]
