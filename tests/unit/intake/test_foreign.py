"""Files that are something else are named for what they are, with how to send the table instead; tables are not."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from email.message import EmailMessage

import pytest

from probation_etl.errors import UnreadableFile
from probation_etl.intake.readers import read_grids

ROWS = "<tr><td>Loan reference</td><td>Copy</td></tr><tr><td>L0001</td><td>1</td></tr>"


def ole(*streams: str) -> bytes:
    """The container of old office documents, as far as its kind is concerned."""
    names = b"".join(f"{name}\0".encode("utf-16-le") for name in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + names + bytes(600)


def archive(**parts: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return target.getvalue()


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@library.example", "b@library.example", "Our return"
    message.set_content("Here it is.")
    message.add_attachment(b"Loan reference,Copy\n", maintype="text", subtype="csv", filename="B1_loans_2024-03-31.csv")
    return message.as_bytes()


def tar() -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as file:
        file.addfile(tarfile.TarInfo("a.csv"))
    return target.getvalue()


TABLES = [{"Loan reference": "L0001", "Copy": 1}, {"Loan reference": "L0002", "Copy": 2}]
#: A file of each kind, and what its message must say.
FOREIGN = {
    "HTML as an export": (f"<html><body><table border=1>{ROWS}</table></body></html>".encode(), "a web page (HTML) with a table"),
    "HTML without a head": (f"\r\n<TABLE>{ROWS}</TABLE>".encode(), "a web page (HTML) with a table"),
    "HTML in UTF-16": (f"\ufeff<html><table>{ROWS}</table></html>".encode("utf-16-le"), "a web page (HTML) with a table"),
    "HTML of Excel": (
        b'<html xmlns:x="urn:schemas-microsoft-com:office:excel">\n<head></head><table></table>',
        "a web page (HTML) with a table",
    ),
    "XHTML": (b'<?xml version="1.0"?><!DOCTYPE html><html><p>x</p></html>', "a web page (HTML)"),
    "a page of an error": (b"<!doctype html><title>504</title><h1>Gateway time-out</h1>", "a web page (HTML)"),
    "a sign-in page": (
        b"<!DOCTYPE html><html><head><title>Sign in to your account</title></head><form><input type='password'></form></html>",
        "perhaps a sign-in page",
    ),
    "XML Spreadsheet 2003": (
        b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:x"/>', "an XML Spreadsheet 2003",
    ),
    "XML with a mark": (b'\xef\xbb\xbf<?xml version="1.0"?><loans><loan/></loans>', "an XML document"),
    "XML without a declaration": (b"<loans>\n<loan/>\n</loans>\n", "an XML document"),
    "a drawing": (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "a picture"),
    "JSON": (json.dumps(TABLES, indent=2).encode(), "JSON"),
    "JSON of lists": (b"[[1, 2], [3, 4]]", "JSON"),
    "JSON with an error": (b'{"error": {"code": 401', "JSON"),
    "JSON lines": ("\n".join(map(json.dumps, TABLES)).encode(), "JSON"),
    "JSON lines of lists": (b'["Loan reference", "Copy"]\n["L0001", 1]\n', "JSON"),
    "PDF": (b"%PDF-1.7\n", "a PDF document"),
    "PDF behind an empty line": (b"\r\n%PDF-1.4\n", "a PDF document"),
    "Numbers": (archive(**{"Index/Document.iwa": b"x", "Index/CalculationEngine.iwa": b"x"}), "a Numbers, Pages or Keynote document"),
    "an e-mail": (mail(), "an e-mail"),
    "an e-mail of a mailbox": (b"From a@x Mon Jan  1\n" + mail(), "an e-mail"),
    "an e-mail as text": (b"From:\tA. Librarian\r\nSent:\t1 April 2024\r\nTo:\tOffice\r\nSubject:\tLoans\r\n\r\nHello\r\n", "an e-mail"),
    "an e-mail of Outlook": (ole("__nameid_version1.0", "__substg1.0_0037001F"), "an Outlook e-mail"),
    "a web archive": (
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n", "a web archive (MHTML)"
    ),
    "a letter": (archive(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "a Word document"),
    "an old letter": (ole("WordDocument", "1Table"), "a Word document"),
    "a presentation": (archive(**{"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"}), "a PowerPoint presentation"),
    "an old presentation": (ole("PowerPoint Document"), "a PowerPoint presentation"),
    "an OpenDocument text": (
        archive(mimetype=b"application/vnd.oasis.opendocument.text", **{"content.xml": b"<x/>"}), "a text document (OpenDocument)"
    ),
    "RTF": (b"{\\rtf1\\ansi}", "a text document (RTF)"),
    "SQLite": (b"SQLite format 3\0" + bytes(100), "an SQLite database"),
    "Access": (b"\0\1\0\0Standard ACE DB\0" + bytes(100), "an Access database"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "a picture"),
    "a photograph": (b"\xff\xd8\xff\xe0", "a picture"),
    "a photograph of a telephone": (b"\0\0\0\x18ftypheic", "a picture"),
    "a bitmap": (b"BM" + (64).to_bytes(4, "little") + bytes(58), "a picture"),
    "a program": (b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0", "a program"),
    "a program of Linux": (b"\x7fELF\x02", "a program"),
    "tar": (tar(), "a tar archive"),
    "7z": (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    "RAR": (b"Rar!\x1a\x07\x00", "a RAR archive"),
    "SYLK": (b"ID;PWXL;N;E\r\nP;PGeneral\r\n", "a SYLK spreadsheet"),
}  # fmt: skip


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_a_file_of_another_kind_is_named_with_how_to_send_the_table(kind: str) -> None:
    data, words = FOREIGN[kind]
    with pytest.raises(UnreadableFile) as caught:
        read_grids(data)
    assert caught.value.code == "unreadable-file"
    assert words in str(caught.value)
    assert any(word in caught.value.hint for word in ("Send ", "send ", "Download ")), "what to do is not said"


@pytest.mark.parametrize("kind", ["HTML as an export", "XML Spreadsheet 2003"])
def test_what_excel_can_open_is_to_be_saved_as_a_workbook(kind: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_grids(FOREIGN[kind][0])
    assert "Open it in Excel, use Save As, Excel Workbook (.xlsx)" in caught.value.hint


def test_a_file_of_another_kind_in_an_archive_is_named_too() -> None:
    with pytest.raises(UnreadableFile, match="JSON"):
        read_grids(archive(**{"loans.csv": FOREIGN["JSON"][0]}))


@pytest.mark.parametrize(
    "text",
    [
        "<Name>,<Date>\nA,1\n",
        "<table>,<title>\nA,1\n",
        "{Name},{Date}\nA,1\n",
        '"{""Name"": 1}",b\nA,1\n',
        "[Name],[Date]\nA,1\n",
        "{,b\n1,2\n",
        "<,>\n1,2\n",
        "ID;Period\nP;1\n",
        "BM,b\n1,2\n",
        "MZ,b\n1,2\n",
        "From: 1 March 2024\nTo: 31 March 2024\n\na,b\n1,2\n",
        "Date: 1 March 2024\nSubject: loans\n\na,b\n1,2\n",
        "From,Subject\na@x,Hello\n",
        "Subject: From: To:,b\n1,2\n",
    ],
)
def test_a_table_that_begins_as_something_else_does_is_read(text: str) -> None:
    (grid,) = read_grids(text.encode())
    assert grid.cells.height >= 2


def test_a_text_with_tabs_is_read_whatever_its_name_is() -> None:
    (grid,) = read_grids(b"Loan reference\tCopy\r\nL0001\t1\r\n")
    assert grid.cells.rows() == [("Loan reference", "Copy"), ("L0001", "1")]
