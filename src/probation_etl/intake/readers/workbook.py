"""Reads workbooks (XLSX, XLSM, XLS, XLSB and ODS), each sheet as a grid of text.

Rows and columns are counted as in a spreadsheet program, empty and hidden ones included. One library reads the values;
what it does not read as the file says it is found in the parts of the file, and put into the grids afterwards.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import polars as pl

from probation_etl.intake.readers.active_content import active_content, active_content_of_xls
from probation_etl.intake.readers.archives import open_archive
from probation_etl.intake.readers.base import Block, Grid, longest
from probation_etl.intake.readers.biff import old_workbook_counts_from_1904, workbook_stream
from probation_etl.intake.readers.counted_days import FROM_1900, FROM_1904, OPEN_DOCUMENT, with_counted_days_as_shown
from probation_etl.intake.readers.date_system import counts_from_1904, with_plain_date_system
from probation_etl.intake.readers.dimensions import InspectedSheet
from probation_etl.intake.readers.inspection import inspect_workbook, inspect_xls, is_open_document, unopened
from probation_etl.intake.readers.known_errors import with_known_errors
from probation_etl.intake.readers.limits import DEFAULT_LIMITS, Limits, check_limit
from probation_etl.intake.readers.looks import looks_of, looks_of_xls, with_looks
from probation_etl.intake.readers.marks import with_marks
from probation_etl.intake.readers.shared_texts_of_xls import check_shared_texts_of_xls
from probation_etl.intake.readers.values import frames_of
from probation_etl.intake.readers.xml_parts import protected

_ARCHIVE = b"PK\x03\x04"


def read_workbook(data: bytes, limits: Limits = DEFAULT_LIMITS) -> list[Grid]:
    """Reads every sheet of a workbook, in order. A date is written as ``2020-11-29``, an error as shown (``#N/A``).

    Numbers have at most nine decimals, so that 0.1 + 0.2, stored as 0.30000000000000004, reads 0.3 as shown.

    Raises:
        UnreadableFile: The file is not a workbook, is damaged or protected by a password, or is too large.
    """
    if not data.startswith(_ARCHIVE):
        container, inspected = inspect_xls(data, limits)
        calendar = FROM_1904 if old_workbook_counts_from_1904(container) else FROM_1900
        stream = workbook_stream(container)
        check_shared_texts_of_xls(stream, limits)
        looks = looks_of_xls(stream)
        grids = [_completed(with_counted_days_as_shown(grid, calendar), inspected) for grid in _read(container, limits)]
        found = active_content_of_xls(data, stream)
        return [replace(with_looks(grid, looks), findings=found) for grid in grids]
    archive = open_archive(data, limits)
    inspected = inspect_workbook(archive, limits)
    calendar = FROM_1904 if counts_from_1904(archive, limits) else FROM_1900
    if is_open_document(archive):
        calendar = OPEN_DOCUMENT
    readable = with_known_errors(with_plain_date_system(archive, limits), archive, inspected, limits)
    grids = [with_counted_days_as_shown(grid, calendar) for grid in _read(readable, limits)]
    looks = looks_of(archive, limits)
    found = active_content(archive)
    return [replace(with_looks(_completed(grid, inspected), looks), findings=found) for grid in grids]


def _read(data: bytes, limits: Limits) -> list[Grid]:
    import python_calamine

    try:
        return [*_sheets(python_calamine.load_workbook(io.BytesIO(data)), limits)]
    except python_calamine.PasswordError:
        raise protected() from None
    except (python_calamine.CalamineError, ValueError, OSError):
        raise unopened() from None
    except BaseException as error:  # a panic of the engine does not derive from Exception, and its class is not public
        if type(error).__name__ != "PanicException":
            raise
        raise unopened() from None


def _sheets(book: Any, limits: Limits) -> Iterator[Grid]:
    import python_calamine

    cells = merged = 0
    shown = python_calamine.SheetVisibleEnum.Visible
    for number, about in enumerate(book.sheets_metadata):
        sheet = book.get_sheet_by_index(number)
        cells += (sheet.end[0] + 1) * sheet.width if sheet.end else 0
        check_limit(cells, limits.cells, "cells, empty ones included")
        merged += len(sheet.merged_cell_ranges or ())
        check_limit(merged, limits.merged, "blocks of merged cells")
        grid = _grid(sheet, hidden=about.visible != shown)
        check_limit(longest(grid.cells, limits.cell_characters), limits.cell_characters, "characters in one cell")
        yield grid


def _grid(sheet: Any, *, hidden: bool) -> Grid:
    if sheet.start is None:
        return Grid(pl.DataFrame(), sheet=sheet.name, hidden=hidden, typed=True)
    cells, kinds = frames_of(sheet.iter_rows())
    merged = tuple(Block(*one, *other) for one, other in sheet.merged_cell_ranges or ())
    return Grid(
        cells, sheet=sheet.name, first_column=sheet.start[1], hidden=hidden, merged=merged, typed=True, kinds=kinds
    )


def _completed(grid: Grid, inspected: dict[str, InspectedSheet]) -> Grid:
    """Adds what the library does not report: error cells, dates that it takes for text, and merged cells."""
    found = inspected.get(grid.sheet or "")
    if found is None:
        return grid
    return replace(with_marks(grid, found.marks), merged=grid.merged or tuple(found.merged))
