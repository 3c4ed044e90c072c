"""On which lines of a contract its named parts are, for faults that are found later."""

from __future__ import annotations

from probation_etl.contracts.odcs.document import Document
from probation_etl.contracts.odcs.schema_errors import Steps
from probation_etl.contracts.odcs.schema_validator import Json


def lines_of(document: Document) -> dict[str, int]:
    """Line of each named part, by what it is and its name."""
    lines: dict[str, int] = {}
    for steps, line in document.lines.items():
        value = _at(document.data, steps)
        if steps[:2] == ("schema", 0) and len(steps) == 4 and isinstance(value, dict):
            kind = {"properties": "column", "quality": "rule", "relationships": "reference"}.get(str(steps[2]), "")
            lines[f"{kind} ‘{value.get('name') if kind == 'column' else value.get('id')}’"] = line
        elif steps[:1] == ("customProperties",) and len(steps) > 2:
            holder = _at(document.data, steps[:2])
            name = holder.get("property", "") if isinstance(holder, dict) else ""
            if name == "mapping" and len(steps) == 5 and steps[3] == "columns":
                lines[f"mapping of ‘{steps[4]}’"] = line
            elif name == "mapping" and len(steps) == 7 and steps[3] == "unpivot":
                lines[f"mapping of ‘{steps[6]}’ in ‘{steps[4]}’"] = line
            elif len(steps) == 3:
                lines.setdefault(str(name), line)
    return lines


def _at(data: Json, steps: Steps) -> Json:
    """The value at these steps; None where it was removed as faulty."""
    for step in steps:
        if isinstance(data, dict) and step in data:
            data = data[str(step)]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data
