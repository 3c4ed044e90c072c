"""Findings of a file as a whole: what it is, who sent it for when, and how it stands beside others."""

from __future__ import annotations

from probation_etl.contracts.finding_kinds.kind import FindingKind

OF_FILES = (
    # The file
    FindingKind(
        "unreadable-file",
        "File cannot be read",
        "{expected}",
        "Open the file, save it again in the agreed format and send it again.",
    ),
    FindingKind(
        "inaccessible-file",
        "File or folder is out of reach",
        "{expected}",
        "See that it lies there whole, and that the user who runs this program may read it. The next run tries again.",
    ),
    FindingKind(
        "linked-file",
        "File has another name elsewhere",
        "It has another name outside of the inbox (a hard link), so it may be a file that nobody sent. It was not read.",
        "Put a copy of the file into the inbox in its place.",
    ),
    FindingKind(
        "parked-file",
        "File is not read any more",
        "{expected}",
        "Ask for the file to be made anew, and take this one out of the inbox.",
    ),
    FindingKind(
        "empty-file",
        "File or sheet is empty",
        "{expected}",
        "Send the return again. If there is nothing to report, send the header row alone.",
    ),
    FindingKind(
        "too-large",
        "File is too large",
        "{expected}",
        "Take out what is not part of the return, or ask for the limit to be raised. Do not send the return in parts.",
    ),
    FindingKind(
        "reader-failed",
        "Reading the file failed",
        "{expected}",
        "Open the file in a spreadsheet program, save it again as .xlsx or CSV and send that. If it does not open there "
        "either, make it anew.",
    ),
    FindingKind(
        "unidentified-return",
        "Return not recognised",
        "{expected}",
        "Check the name of the file, the names of its sheets and the headers.",
    ),
    FindingKind(
        "ambiguous-return",
        "Not clear which return this is",
        "{expected}",
        "Check the name of the file, the names of its sheets and the headers.",
    ),
    FindingKind(
        "missing-sheet",
        "Sheet is missing",
        "The sheet ‘{expected}’ is not in the workbook.",
        "Add the sheet. If there is nothing to report, leave it with the header row alone.",
    ),
    FindingKind(
        "unexpected-sheet",
        "Sheet is not part of the return",
        "The sheet ‘{value}’ belongs to no return and was not read.",
        "Remove the sheet, or rename it if it holds a return.",
    ),
    FindingKind(
        "hidden-sheet",
        "Sheet is hidden",
        "The sheet ‘{value}’ is hidden; it was read.",
        "Check that it is the sheet you mean to send, and show it.",
    ),
    FindingKind(
        "workbook-with-macros",
        "Workbook has macros",
        "The workbook has macros. They were not run; its values were read as they are stored.",
        "Save it as an Excel Workbook (.xlsx), which has no macros, and send that.",
    ),
    FindingKind(
        "workbook-with-links",
        "Workbook takes values from elsewhere",
        "The workbook has links to other files or data. They were not followed; its values were read as they are stored.",
        "Bring the workbook up to date, replace the links by their values (in Excel: Data, Workbook Links, Break), and save it again.",
    ),
    FindingKind(
        "wrong-encoding",
        "Text is not in the agreed encoding",
        "The file is in {value}, but {expected} was agreed. It was read as {value}.",
        "Save the file in the agreed encoding next time. Check letters with accents and pound signs.",
    ),
    FindingKind(
        "wrong-delimiter",
        "Cells are not separated as agreed",
        "Cells are separated by {value}, but {expected} was agreed. The file was read with {value}.",
        "Save the file with the agreed delimiter next time.",
    ),
    FindingKind(
        "wrong-quotation-mark",
        "Cells are not quoted as agreed",
        "Cells are in the quotation mark ‘{value}’, but ‘{expected}’ was agreed. The file was read with ‘{value}’.",
        "Save the file with the agreed quotation marks next time.",
    ),
    # Who and when
    FindingKind(
        "wrong-file-name",
        "File name is not in the agreed form",
        "{expected}",
        "Give the file a name in that form, and send it again.",
    ),
    FindingKind(
        "restricted-value-in-name",
        "Name holds a value of a restricted column",
        "The name of the {expected}, ‘{value}’, seems to hold a value of a restricted column. It is masked wherever it is shown.",
        "Leave such a value out of names: more people see them than see the rows.",
    ),
    FindingKind(
        "unknown-organisation",
        "Organisation not known",
        "{expected}",
        "Use the code and the name that the list of organisations has.",
    ),
    FindingKind(
        "ambiguous-organisation",
        "Organisation not clear",
        "{expected}",
        "Give the code of the organisation, and check that the name is of the same one.",
    ),
    FindingKind("period-mismatch", "Period not clear", "{expected}", "Correct the period."),
    FindingKind(
        "control-total",
        "Control total does not agree",
        "The number of rows on the cover is {value}, but the number found is {expected}.",
        "Check that no rows are missing. Correct the sheet or the cover.",
    ),
    FindingKind(
        "no-control-total",
        "Number of rows is not given",
        "The cover has a place for the number of rows, and it is empty: nothing was counted.",
        "Fill in the number of rows: it shows that none was lost on the way.",
    ),
    FindingKind(
        "dates-outside-period",
        "No date is in the period",
        "{expected}",
        "Check that this is the return of this period, and not that of another under its name.",
    ),
    # Beside other files and other returns
    FindingKind(
        "fewer-rows",
        "Many rows fewer than before",
        "{expected}",
        "If rows are missing, send the whole return again. If they were taken out on purpose, there is nothing to do.",
    ),
    FindingKind(
        "competing-returns",
        "Several files of one return",
        "This is the return of the same supplier and period as {expected}, and not the same. Which of them is right is not known.",
        "Keep only the right file and run again. Or let ‘run --newest-by’ say what decides: the time of the file, or its name.",
    ),
    FindingKind(
        "content-of-another-return",
        "Content of another supplier or period",
        "The file has the same content as {expected}.",
        "Send the file of this supplier and period. If it is the other one that is wrong, it must be withdrawn or taken away first.",
    ),
    FindingKind(
        "purged-content",
        "Content that was purged",
        "{expected}",
        "Take the file out of the inbox. What has been kept for its time is not loaded again.",
    ),
    FindingKind(
        "superseded-content",
        "Content that was superseded",
        "{expected}",
        "If this content is to count, withdraw the return that counts now.",
    ),
)
