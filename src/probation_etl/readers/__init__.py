"""From a file to grids of text. The kind of file is told by its content, not by its name."""

from __future__ import annotations

from probation_etl.errors import UnreadableFile
from probation_etl.readers.base import Grid, column_letters
from probation_etl.readers.csv import read_csv
from probation_etl.readers.workbook import read_workbook

__all__ = ["Grid", "column_letters", "read_grids"]

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_NO_TABLES = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"\x1f\x8b": "a gzip archive",
}


def read_grids(data: bytes, *, delimiter: str = ",", encoding: str = "UTF-8") -> list[Grid]:
    """Every table-like part of a file: the sheets of a workbook, or one grid for CSV.

    Args:
        data: The whole file.
        delimiter: What separates cells in CSV.
        encoding: What the text of CSV is encoded in.

    Raises:
        UnreadableFile: The file is empty, or of no kind that can hold a return.
    """
    if not data.strip():
        raise UnreadableFile("The file is empty: it has not even a header.", code="empty-file")
    for signature, kind in _NO_TABLES.items():
        if data.startswith(signature):
            raise UnreadableFile(f"The file is {kind}, not a workbook or CSV.")
    if data.startswith((_ZIP, _OLE)):
        return read_workbook(data)
    return [read_csv(data, delimiter=delimiter, encoding=encoding)]
