"""Text of the findings pages beside the catalogue: when a finding appears, its effect, and the rules behind it."""

from __future__ import annotations

import re
import textwrap
from typing import NamedTuple

from probation_etl.contracts.findings import CATALOGUE, FindingKind

RETURN = "Rejects the whole return: none of its rows is loaded."
ROW = "Puts the row into quarantine. The other rows are not affected."
CELL = f"{ROW} The contract can make it a warning for a column (`severities`); then the row is accepted."
UNREAD = f"{CELL} The cell is then empty in the accepted row."
WARNING = "A warning: nothing is rejected."
UNTAKEN = "The file is not read, and each run says so again and ends with 1. The other files are taken."
TABLE = f"{RETURN} With `severity: warning` in the contract, nothing is rejected."


class Note(NamedTuple):
    """Notes on a finding that are not in the catalogue.

    Attributes:
        when: When it appears.
        effect: Whether it rejects a row or the whole return.
        rules: Names of rules that lead to it; COLUMN and ID stand for the contract's own names.
        value: What the value in the message is, if it is not the text of the cell.
        expected: What ``expected`` in the message is.
    """

    when: str
    effect: str
    rules: tuple[str, ...] = ()
    value: str = "the cell as the supplier wrote it, masked where the column is restricted"
    expected: str = ""


NOTES = {
    "unreadable-file": Note(
        "The file is of a kind that is not read, is damaged, is "
        "protected by a password, or has text in two encodings or in an unknown one. Kinds that are named, with how to send the table "
        "instead: web pages and sign-in pages (HTML), XML Spreadsheet 2003 and other XML, JSON, PDF, Numbers, e-mails, documents, "
        "databases, pictures, programs and archives.",
        RETURN,
        expected="what is wrong with the file, and where",
    ),
    "inaccessible-file": Note(
        "The system refuses to open a file of the inbox or to list a folder, the disk fails while the file is read, or the file "
        "is taken away or exchanged while the run is on.",
        f"{UNTAKEN} The ledger does not learn of it: each run tries again.",
        expected="what the system said",
    ),
    "linked-file": Note(
        "The file has another name (a hard link) outside of the inbox. Links of another kind are not followed, without a finding: "
        "[what a run takes](../../explanation/inbox.md).",
        UNTAKEN,
    ),
    "parked-file": Note(
        "Reading this content has brought down a run, or the process that reads such files, three times: see "
        "[what a run takes](../../explanation/inbox.md). The same content under another name is parked as well; a new version "
        "of the program tries it again.",
        UNTAKEN,
        expected="what was brought down, how often, and by which run last",
    ),
    "empty-file": Note(
        "The file, or the sheet that the contract names, does not even have a header. A header alone is a nil return, which is "
        "not a fault.",
        RETURN,
        expected="what is empty",
    ),
    "too-large": Note(
        "The file is past one of the [limits](../limits.md) on bytes, rows, columns, cells or the ratio of unpacked to packed. It "
        "is refused before memory is spent on it. `--limit NAME=NUMBER` of `run` and `validate` sets another limit.",
        RETURN,
        expected="what was found, and how much is read",
    ),
    "reader-failed": Note(
        "Workbooks, Parquet and Arrow files are read in a process of its own, with [limits](../limits.md) on memory and time. The "
        "file ended that process: it takes more than it may, or is damaged so that the program that opens it gives up. Other files "
        "are read as usual. Nothing of the file was read.",
        RETURN,
        expected="what is known of how the process ended",
    ),
    "unidentified-return": Note(
        "No contract has such a file name or such a header; or no sheet of the workbook has the name that a contract expects.",
        RETURN,
        expected="what was looked at, and the contract that is nearest",
    ),
    "ambiguous-return": Note(
        "The file fits several contracts and its name does not decide between them; two sheets have names that differ only in "
        "case, spaces and punctuation; or the sheet that the contract names is hidden, while another that can be seen has its headers.",
        RETURN,
        expected="the contracts or sheets",
    ),
    "missing-sheet": Note(
        "A workbook has returns that belong together, and the sheet of one of them is missing. If there is nothing to report, "
        "the sheet must be there with its header.",
        RETURN,
        expected="the name of the sheet, from the contract",
    ),
    "unexpected-sheet": Note(
        "A workbook has a sheet with data that is neither a return nor the cover.",
        WARNING,
        value="the name of the sheet",
    ),
    "hidden-sheet": Note(
        "The sheet that the contract names is hidden, and no other sheet that can be seen would fit: it is read. A hidden cover is "
        "told likewise. Where a sheet that can be seen has the headers of the return, it is not clear which of the two is meant: "
        "[ambiguous-return](ambiguous-return.md).",
        WARNING,
        value="the name of the sheet",
    ),
    "workbook-with-macros": Note(
        "The workbook holds programs: macros, macro sheets, or controls with programs of their own. They are never run, and the "
        "values are read as they were stored when the workbook was saved.",
        WARNING,
    ),
    "workbook-with-links": Note(
        "The workbook takes values from other workbooks, or from a database or the web. Nothing is fetched: the values are those "
        "that were stored when it was last saved, which may be old.",
        WARNING,
    ),
    "wrong-encoding": Note(
        "A CSV file is clearly in another encoding than the contract's `servers` say: UTF-8, UTF-16 with a byte order mark, or "
        "Windows-1252. It is read in the encoding that was found.",
        WARNING,
        value="the encoding that was found",
        expected="the encoding of the contract",
    ),
    "wrong-delimiter": Note(
        "The cells of a CSV file are clearly separated by a comma, semicolon, tab or vertical bar that is not the "
        "contract's delimiter, or a blank follows every delimiter.",
        WARNING,
        value="the delimiter that was found",
        expected="the delimiter of the contract",
    ),
    "wrong-quotation-mark": Note(
        'Every name in the header of a CSV file, and a cell of most of its records, is in another quotation mark than ‘"’, such as '
        "‘'’. The file is read with it, and the marks are not part of any value.",
        WARNING,
        value="the mark that was found",
        expected="the usual mark",
    ),
    "wrong-file-name": Note(
        "The name of a file gives neither the supplier nor the period, because it is not in the form of its contract, and nothing else "
        "gives them. The message says the form, a name for example, and which part is wrong if it is plain: ‘Copy of’, a second "
        "ending, a date in another order. Nothing is read from such a name.",
        RETURN,
        expected="the name, the form, and what is wrong",
    ),
    "restricted-value-in-name": Note(
        "A part of the name of a file, of the file in an archive, or of a sheet looks like a value of a restricted column, or a sheet "
        "is named as a restricted value of the file. How that is told is in "
        "[keep values private](../../how-to/keep-values-private.md#values-in-wrong-places).",
        WARNING,
        value="the name, with that part masked",
        expected="what has the name: the file, the file in the archive, the sheet",
    ),
    "unknown-organisation": Note(
        "The code or name of the supplier is not in the list of organisations, is not valid at the period end, or belongs to an "
        "organisation that does not send such returns.",
        f"{RETURN} If the code is known and only the spelling of the name is not in the list, it is a warning.",
        expected="what was found, and the nearest name of the list",
    ),
    "ambiguous-organisation": Note(
        "Two organisations have the name and there is no code to decide; or code and name, or cover and file name, give different "
        "suppliers.",
        RETURN,
        expected="what each of them says",
    ),
    "period-mismatch": Note(
        "There is no period end or it is not a date, the cover and the file name give different periods, the period starts after "
        "its end, or no version of the contract is in force.",
        RETURN,
        expected="what was found",
    ),
    "control-total": Note(
        "The number of rows on the cover is not the number of rows in the sheet; or what a file with "
        "[control totals](../contract-language/recognition.md#delivery) beside a CSV file says is not what the file has, or cannot "
        "be read.",
        RETURN,
        rules=("control-total", "control-file"),
        value="the number on the cover",
        expected="the number of rows that were read",
    ),
    "no-control-total": Note(
        "The cover has the label that the contract names for the number of rows (`controlRows`), and nothing beside it; or "
        "`validate` was not given the file with the control totals that the contract asks for.",
        WARNING,
    ),
    "dates-outside-period": Note(
        "A return has dates, and none of them lies in its period, as where the file of another period has been given a new name. "
        "Fewer than three rows may be about the days around their period: they are questioned only if they are further off than "
        "the length of a period. A contract whose dates tell nothing of the period says so with "
        "[`holdsDates: false`](../contract-language/recognition.md#reportingperiod).",
        WARNING,
        expected="the period, the number of dates, and from when to when they are unless they are restricted",
    ),
    "fewer-rows": Note(
        "A correction has lost a larger share of the rows of the return that it corrects than the contract's "
        "[`correction`](../contract-language/recognition.md#correction) allows, a third where it says nothing; or it is a nil "
        "return, and the one before it had rows. A single row that is missing is not questioned. Found by `run` alone, because "
        "it needs a store.",
        WARNING,
        expected="how many rows both have, with the file and the run of the earlier one",
    ),
    "competing-returns": Note(
        "Two files of one run (or of one `validate`) differ and are returns of the same supplier, kind and period: `_v9` and "
        "`_v10`, a copy with `(1)`, two dated folders. No order of them is known, so none is guessed: all are rejected, each "
        "naming the others, and what was loaded before stays current. Files with equal content are one return. A file that an "
        "earlier run has loaded does not compete: the new one corrects it. With "
        "[`run --newest-by`](../command-line.md#probation-etl-run) an operator says what decides; where that is equal, they are "
        "still rejected. Once only one of the files is left in the inbox, the next run takes it.",
        RETURN,
        expected="the other files",
    ),
    "content-of-another-return": Note(
        "A file has, byte for byte, the content of a return that was loaded for another supplier or period, whether that one counts or "
        "was corrected since; or two such files are in one run, and then both are rejected. Returns without rows are left out: they are the same whoever sends them. Once the "
        "other return is withdrawn, or its file taken out of the inbox, the next run takes this one. Two returns that truly hold "
        "the same are two files as soon as one of them ends with an empty line.",
        RETURN,
        expected="the other file, with its supplier and period",
    ),
    "purged-content": Note(
        "A file lies in the inbox whose content was loaded once, and removed by `store purge` since, because it had been kept for the "
        "time that its contract says. The verdict is `unchanged`, and nothing is loaded. It is told once.",
        WARNING,
        expected="which run loaded it, and that it was purged",
    ),
    "superseded-content": Note(
        "Content comes again that was loaded once and does not count any more, because a later return superseded it or because it "
        "was withdrawn: under another name, in another folder, under a name that had other content in between, or while the file "
        "of the return that counts is no longer in the inbox. The verdict is still `unchanged`. The message says what counts now, "
        "the hint gives the commands that make this content count. It is told once. A file that simply stays in the inbox beside "
        "the one that superseded it is not told; nor is one that was taken away and put back under its old name, which nothing "
        "tells from one that stayed.",
        WARNING,
        expected="what became of it, and what counts now",
    ),
    "missing-column": Note(
        "A column of the contract has no header in the file, or the file has no header row.",
        f"{RETURN} A column that is not required is a warning: it counts as empty in every row, for every rule that reads it.",
        ("COLUMN|present",),
        expected="the header in the contract",
    ),
    "unexpected-column": Note(
        "A header is neither in the contract nor a synonym of one that is; or a column without a header has data.",
        WARNING,
    ),
    "duplicate-column": Note(
        "Two headers of the file mean the same column.",
        RETURN,
        ("COLUMN|once",),
    ),
    "hidden-columns": Note(
        "Columns of the contract are hidden in the sheet. They are read like any other.",
        WARNING,
        expected="the headers of the columns",
    ),
    "hidden-rows": Note(
        "Rows of the table are hidden in the sheet, by a filter for instance. They are read like any other. Hidden rows above the "
        "header, and notes below the data, do not matter.",
        WARNING,
        expected="the rows, of more than ten groups the first ten",
    ),
    "acceptance-limit": Note(
        "More of the return's rows have errors than the contract's `acceptance` allows.",
        RETURN,
        expected="the share of rows with errors, and the limit",
    ),
    "control-character": Note(
        "A cell has a control character (tabs and line ends inside a text do not count), or a mark that changes the direction of "
        "writing. Its code point is shown in its place in the value, such as `<U+0007>`. A NUL in a CSV file makes the whole file "
        "unreadable.",
        UNREAD,
        ("COLUMN|control",),
    ),
    "merged-cell": Note(
        "A cell of a workbook is merged with other cells of the table. A spreadsheet shows one value for all of them and stores "
        "it in the first, so we cannot know whether it is meant for each row or for all together. Each of these cells is "
        "reported. Titles and notes may be merged.",
        ROW,
        ("COLUMN|merged",),
    ),
    "wrong-kind": Note(
        "A cell of a workbook, or a column of a Parquet or Arrow file, holds a date, a time, a truth value or a number where its "
        "column is of another kind: spreadsheet programs make dates and truth values of texts while they are typed. The message "
        "says what the cell holds. A whole number of at most 15 digits in a column of texts is its digits, and so is a number that "
        "is in the list of the column or has its pattern; neither is a fault. A number in a column of dates is [not a "
        "date](not-a-date.md).",
        f"{CELL} What is stored counts then, if the column can take it.",
        ("COLUMN|kind",),
        expected="what the column asks for",
    ),
    "shown-otherwise": Note(
        "A cell of a workbook shows something else than is stored: 28% where 0.28 is stored, 0101 for 101, X101001 for 101001, a "
        "number of more than 15 digits, a duration, or raised and lowered characters, which become part of the value. We cannot "
        "know which of the two is meant. No other rule is applied to the cell.",
        f"{CELL} What is stored counts then. On a cover it rejects the return.",
        ("COLUMN|shown",),
    ),
    "shown-in-part": Note(
        "A cell of a workbook shows less than is stored: only the month of a date, or a number that is rounded. On a cover too.",
        f"{WARNING} What is stored counts. The contract can make it an error for a column (`severities`), which puts the row into "
        "quarantine.",
        ("COLUMN|part",),
    ),
    "error-cell": Note(
        "A cell shows an error of a spreadsheet program, such as `#N/A`, `#REF!` or `#BEZUG!`. In CSV it is the text that the "
        "program wrote for it.",
        UNREAD,
        ("COLUMN|error",),
    ),
    "damaged-value": Note(
        "A cell of any column, one of free text too, holds what a program left behind when it damaged a value: a number that a "
        'spreadsheet shortened (`2.50024E+11`), an apostrophe before a text, a formula in its place (`="007"`), `########`, '
        "`NULL`, `NaN`, `undefined` and their kin, `[object Object]`, or letters of a wrong encoding (`Ã©`). A value that "
        "the contract lists (`enum`) is a value, and so is one that its `pattern` both accepts and speaks of. One of its "
        "`nullTokens` is an empty cell. Words of people, such as `N/A` or `-`, are not meant.",
        UNREAD,
        ("COLUMN|damaged",),
    ),
    "ambiguous-dates": Note(
        "Dates of a column can be read in the form of the contract only with day and month exchanged, such as `09/28/2020` in a "
        "column of `dd/MM/yyyy`. Or all date cells of a column have days up to 12, while texts beside them have later ones: a "
        "spreadsheet program of another country has made date cells of what it could read.",
        f"{RETURN} If the contract makes a warning of `ambiguous-date` for the column, it is a warning too.",
        ("COLUMN|ambiguous",),
        expected="what shows it, and in which rows",
    ),
    "ambiguous-date": Note(
        "The column has a finding [`ambiguous-dates`](ambiguous-dates.md), and this date could be two days: both of its numbers are "
        "12 or less, and they differ.",
        UNREAD,
        ("COLUMN|ambiguous",),
    ),
    "restricted-value-elsewhere": Note(
        "A column that takes any text holds what looks like a value of a restricted column, or a value that stands in a restricted column "
        "of the same file and has a digit. How that is told is in "
        "[keep values private](../../how-to/keep-values-private.md#values-in-wrong-places). The value is masked in findings, and "
        "accepted with its row.",
        "A warning: nothing is rejected. The contract can make it an error for a column (`severities`); then the row is quarantined.",
        rules=("COLUMN|elsewhere",),
        value="the cell as the supplier wrote it, with that part masked",
    ),
    "missing-value": Note(
        "A cell of a required column is empty, or has one of the contract's `nullTokens`. A cell with a mark of `shorthand` was "
        "left empty on purpose and is not missing.",
        CELL,
        ("COLUMN|required",),
    ),
    "not-a-date": Note(
        "A cell of a date column is in none of the contract's formats, or the date does not exist.",
        UNREAD,
        ("COLUMN|type",),
        expected="the date formats of the contract",
    ),
    "not-a-timestamp": Note(
        "A cell of a timestamp column is in none of the contract's formats, or there is no such day or time.",
        UNREAD,
        ("COLUMN|type",),
        expected="the formats of the contract",
    ),
    "not-a-time": Note(
        "A cell of a time column is in none of the contract's formats, or the day has no such time.",
        UNREAD,
        ("COLUMN|type",),
        expected="the formats of the contract",
    ),
    "not-a-duration": Note(
        "A cell of a column of lengths of time does not have the form that the contract's `duration` gives.",
        UNREAD,
        ("COLUMN|type",),
        expected="the form of the contract",
    ),
    "not-a-number": Note(
        "A cell of a column of numbers has something else: a currency sign, a percentage, words, or separators of thousands "
        "that the contract does not allow.",
        UNREAD,
        ("COLUMN|type",),
    ),
    "not-an-integer": Note(
        "A cell of a column of whole numbers has decimals.",
        UNREAD,
        ("COLUMN|integer",),
    ),
    "not-a-boolean": Note(
        "A cell of a truth column is none of the contract's words for true and false, in upper or lower case.",
        UNREAD,
        ("COLUMN|type",),
        expected="the words of the contract for true and false",
    ),
    "too-precise": Note(
        "A number has more decimals than `multipleOf` allows, or more than six. Zeros at the end do not count.",
        CELL,
        ("COLUMN|decimals",),
        expected="the number of decimals that are allowed",
    ),
    "wrong-pattern": Note(
        "A text does not match the contract's `pattern`. In a restricted column, whose values are masked, the message names the "
        "place and the kind of the character that is wrong, where the pattern is a simple sequence.",
        CELL,
        ("COLUMN|pattern",),
        expected="a sentence that describes the pattern, or the pattern itself if it is not a simple one; nothing if the contract "
        "has a hint for `wrong-pattern`",
    ),
    "unlikely-date": Note(
        "A date lies outside of the [window of likely days](../contract-language/columns.md#days-that-are-likely), `dateWindow` in "
        "the contract. Without one it reaches from 100 years before `effectiveFrom`, and no earlier than 1910, to the period end.",
        CELL,
        ("COLUMN|window",),
        expected="the first and the last likely day",
    ),
    "wrong-length": Note(
        "A text is shorter than `minLength` or longer than `maxLength`.",
        CELL,
        ("COLUMN|length",),
        expected="the lengths that are allowed",
    ),
    "out-of-range": Note(
        "A number or date is outside `minimum`, `maximum`, `exclusiveMinimum` or `exclusiveMaximum`.",
        CELL,
        ("COLUMN|range",),
        expected="the bounds",
    ),
    "not-in-list": Note(
        "A value is not in the contract's `enum`. Values must be exactly equal, including case. One that only looks like a value of "
        "the list, because of its spaces, dashes, case, accents or letters of another script, is told by the difference.",
        CELL,
        ("COLUMN|enum",),
        expected="the values, each with its label",
    ),
    "unmapped-value": Note(
        "The contract allows the value, but it is not in the code list or reference table of its mapping, so it would be lost in "
        "the unified table.",
        ROW,
        ("COLUMN|mapped",),
    ),
    "malformed-row": Note(
        "A record of a CSV file has more or fewer cells than the header, so nobody can tell which cell belongs to which column. Or a "
        "quotation mark is wrong in it: one inside a cell that does not begin with one, text behind one that closes a cell, or one "
        "that does not close. The message then says which. Only that record is refused: reading goes on at the next line that has as "
        "many cells as the header, and each line between the two is reported as well.",
        ROW,
        value="the number of cells in the record",
        expected="the number of cells in the header",
    ),
    "two-row-header": Note(
        "Some headers stand in one row and some in the row above or below it, often below a merged header of a group. The "
        "finding stands for all columns that would be missing.",
        RETURN,
        expected="the two rows, and the headers that are in the second",
    ),
    "record-width": Note(
        "Every record of a CSV file has the same number of cells, but not the number of the header: a header is missing, or each "
        "line ends in a delimiter. If the cells at the end are always empty, the rows are read without them.",
        f"{RETURN} A warning, and nothing is rejected, if the cells are always empty.",
        value="the number of cells in the records",
        expected="the number of cells in the header, and what was done",
    ),
    "perhaps-cut-off": Note(
        "The last row of data is row 65,536 or 1,048,576 of its sheet or file, where spreadsheet programs stop; or a column is "
        "missing, and the table has 256 or 16,384 columns. Not if the number of rows on the cover is the number that was found.",
        RETURN,
        expected="where the table ends",
    ),
    "total-row": Note(
        "The row is named as a total, a subtotal or an average in the first column, in a column of the key, or where required "
        "cells are empty; or its numbers are the sums of rows above it, and that can be no chance. A name that may be another one, "
        "such as ‘Total Care Ltd’, counts if the numbers are sums. A name in the column's list of values is no total.",
        ROW,
        expected="by what it is known, and the rows that it adds up",
    ),
    "repeated-header": Note(
        "The header stands again between the rows, as at the top of each printed page. Titles and blank rows above it are left "
        "out too. If its columns are in other places than those of the first, nobody knows what the rows below it hold.",
        f"{WARNING} {RETURN} if the columns are in other places.",
        expected="what was found",
    ),
    "report-mark": Note(
        "The row marks the end of a report (`END`, `*** End of report ***`), counts its rows (`(120 rows affected)`), or says which "
        "page it is or when it was made.",
        f"{WARNING} The row is left out. An error if it says that the data end, but rows follow: then it is quarantined.",
        expected="what was done",
    ),
    "nil-row": Note(
        "The row says that there is nothing to report: `NIL`, `None`, `N/A`, `No loans this period`.",
        f"{WARNING} The return is a nil return. Beside other rows it is an error, which puts the row into quarantine.",
        expected="what was done",
    ),
    "instruction-row": Note(
        "One of the first rows tells how to fill in the columns: `e.g. L0001`, `dd/mm/yyyy`, `Select from list`, `Mandatory`.",
        ROW,
    ),
    "note-among-rows": Note(
        "A row has one cell, which looks like a note or a heading, but stands among the rows of data or right below them.",
        ROW,
    ),
    "unclear-blank": Note(
        "An optional text of the key is empty below a filled one, and no cell of the key to its left names something new: "
        "somebody may have written the name of a group once. By the contract an empty cell means something else, such as all "
        "units.",
        ROW,
        ("COLUMN|blank",),
    ),
    "duplicate-row": Note(
        "Several rows have the same key, or the same value in a column that is `unique`. Each of them is reported.",
        f"{ROW} All rows of the group are quarantined, since nobody can tell which is right.",
        ("COLUMN|unique", "key|unique"),
        value="the rows of the group, the first ten of them",
        expected="the columns that are the same",
    ),
    "unknown-reference": Note(
        "A row refers to a row of another return, of the same supplier and for this or an earlier period, which has not arrived "
        "or was not accepted. When it arrives, the next run checks the return again.",
        f"{ROW} With `severity: warning` in the relationship, the row is accepted.",
        ("COLUMN|ID",),
        expected="the unified table that is referred to",
    ),
    "not-in-reference-table": Note(
        "A value of the row, or several of them together, must be in a reference table by a relationship of the contract, and are not. A "
        "row in which one of them is empty is not checked.",
        f"{ROW} With `severity: warning` in the relationship, the row is accepted.",
        ("COLUMN|ID",),
        value="the value, where it is one",
        expected="the reference table",
    ),
    "unknown-row": Note(
        "A row refers to another row of its own table by a relationship of the contract, and no row of the return is that one. A row "
        "whose own value could not be read is none that others can refer to.",
        f"{ROW} With `severity: warning` in the relationship, the row is accepted.",
        ("COLUMN|ID",),
    ),
    "unchecked-reference": Note(
        "A return refers to rows of another return that is not there: `validate` knows only the files that it is given.",
        WARNING,
        ("COLUMN|ID", "across|ID", "query|ID"),
        expected="the unified table that is referred to",
    ),
    "table-rule": Note(
        "A rule of the contract over the whole table is broken: a total, a count, or a metric of the standard's library.",
        TABLE,
        ("table|ID",),
        expected="the rule's own description, from the contract",
    ),
    "cross-return-rule": Note(
        "A total of this return does not agree with a total of the same supplier's other returns, for this or an earlier period.",
        TABLE,
        ("across|ID",),
        expected="the rule's own description, from the contract, and both totals",
    ),
    "uncomputed-rule": Note(
        "A rule of the contract that is a query could not be computed for this return: a value could not be cast, or it took longer "
        "than `query_seconds`. Nobody knows then whether the return keeps the rule.",
        TABLE,
        ("query|ID",),
        expected="the rule's own description, from the contract",
    ),
    "row-rule": Note(
        "The row breaks a rule of the contract over several columns, or one that is a query over the whole return. The rule is not "
        "applied to a row if a cell that it reads has no known value.",
        f"{ROW} With `severity: warning` in the contract, the row is accepted.",
        ("row|ID", "query|ID"),
        expected="the rule's own description, from the contract",
    ),
}

INDEX_HEAD = """# Findings

Every finding has one of these codes. Codes may be added, but are never changed. These pages are made from the catalogue
in `src/probation_etl/contracts/finding_kinds`.

A contract can give its own hint for a column, and its own message and hint for a rule. An error in a row quarantines the
row, an error without a row rejects the return, and a warning changes nothing.

| code | what it says | what it does |
|---|---|---|
"""


def index_page() -> str:
    """The page that lists all findings."""
    lines = (
        f"| [`{kind.code}`]({kind.code}.md) | {kind.title} | {_in_short(kind.code)} |" for kind in CATALOGUE.values()
    )
    return INDEX_HEAD + "\n".join(lines) + "\n"


def _in_short(code: str) -> str:
    effect = NOTES[code].effect
    return (
        "rejects the return"
        if effect.startswith(RETURN)
        else "warns"
        if effect.startswith(WARNING)
        else "leaves the file unread"
        if effect.startswith(UNTAKEN)
        else "quarantines the row"
    )


def _what_to_do(kind: FindingKind) -> str:
    more = f"\n\nIn a workbook also:\n\n{_lines(kind.in_workbooks)}" if kind.in_workbooks else ""
    return f"{_lines(kind.hint)}{more}"


def page_of(kind: FindingKind) -> str:
    """The page of one finding."""
    note = NOTES[kind.code]
    parts = [
        f"# {kind.code}",
        _lines(f"**{kind.title}.** {note.when}"),
        f"## Message\n\n> {_shown(kind.template)}\n\n" + "\n".join(_placeholders(kind, note)),
        f"## What it does\n\n{_lines(note.effect)}",
        f"## What to do\n\n{_what_to_do(kind)}",
    ]
    rules = ", ".join(f"`{rule}`" for rule in note.rules) or f"`{kind.code}`"
    parts.append(f"## Rules that lead to it\n\n{rules}{_names(note.rules)}")
    parts.append("[All findings](README.md) · [Contract language](../contract-language/README.md)")
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _lines(text: str) -> str:
    return textwrap.fill(text, 120, break_long_words=False, break_on_hyphens=False)


def _shown(template: str) -> str:
    return re.sub(r"\{(\w+)\}", r"*\1*", template)


def _placeholders(kind: FindingKind, note: Note) -> list[str]:
    said = {
        "value": note.value,
        "shown": "what a person sees in the cell, masked likewise",
        "column": "the header as the supplier wrote it",
        "expected": note.expected,
    }
    return [f"- *{name}*: {said[name]}" for name in dict.fromkeys(re.findall(r"\{(\w+)\}", kind.template))]


def _names(rules: tuple[str, ...]) -> str:
    words = []
    if any("COLUMN" in rule for rule in rules):
        words.append("`COLUMN` is the name of the column in the contract")
    if any("ID" in rule for rule in rules):
        words.append(
            "`ID` the id of the rule or relationship" if words else "`ID` is the id of the rule in the contract"
        )
    return f". {', '.join(words)}." if words else ""
