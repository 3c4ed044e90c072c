"""The program contains no name of a return, table or column of the shipped contracts: another return needs no Python."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from places import CHECKOUT
from probation_etl.contracts.model import CONTEXT_COLUMNS, LINEAGE_COLUMNS
from probation_etl.contracts.odcs import load_contracts

SOURCE = CHECKOUT / "src" / "probation_etl"
#: The tracker, which is about breaches and caseloads; and those modules of the generator of synthetic returns that make a
#: breach or a caseload up: no contract says how a breach goes on. What else it needs of the field is data, in
#: contracts/sample; its other modules are held to the rule.
EXCEPT = {
    *(f"tracker/{path.name}" for path in (SOURCE / "tracker").glob("*.py")),
    *(
        f"sample/{name}.py"
        for name in (
            "annexe_2",
            "breaches",
            "caseloads",
            "faulty",
            "life_stages",
            "records",
            "register",
            "returns",
            "tables",
            "volume",
        )
    ),
}


@cache
def names_of_the_field() -> set[str]:
    """Ids, tables and columns that are more than one word: a single word such as ‘status’ means nothing by itself."""
    names: set[str] = set()
    for contract in load_contracts().values():
        names |= {contract.id, contract.table, *contract.column_names, *(each.header for each in contract.columns)}
    return {name for name in names if re.search(r"[_\- ]", name)} - {*CONTEXT_COLUMNS, *LINEAGE_COLUMNS}


def words_of(path: Path) -> Iterator[tuple[int, str]]:
    """Names and texts of a module that the program acts on: comments and docstrings, which explain by example, are not."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node, clean=False) is not None
        if isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value
        for field in ("id", "attr", "arg", "name"):
            if isinstance(text := getattr(node, field, None), str):
                yield getattr(node, "lineno", 0), text


def test_there_are_names_to_look_for() -> None:
    names = names_of_the_field()
    assert {"case_reference", "suspended_breach", "crc-breaches", "average_caseload", "Risk of harm", "nsi_id"} <= names


@pytest.mark.parametrize(
    "path",
    sorted(path for path in SOURCE.rglob("*.py") if path.relative_to(SOURCE).as_posix() not in EXCEPT),
    ids=lambda path: path.relative_to(SOURCE).as_posix(),
)
def test_a_module_names_nothing_of_the_field(path: Path) -> None:
    pattern = re.compile(
        r"(?<![\w-])(" + "|".join(map(re.escape, sorted(names_of_the_field(), key=len, reverse=True))) + r")(?![\w-])",
        re.IGNORECASE,
    )
    found = [f"{path.name}:{line}: {word[0]}" for line, text in words_of(path) for word in pattern.finditer(text)]
    assert found == []


def test_templates_name_nothing_of_the_field_either() -> None:
    names = names_of_the_field()
    texts = {path.name: path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.j2")}
    assert texts
    assert {
        (name, word) for name, text in texts.items() for word in names if re.search(rf"\b{re.escape(word)}\b", text)
    } == set()
