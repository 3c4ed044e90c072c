"""The public names: what is promised is there, and nothing is loaded before it is used."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import probation_etl

SOURCE = Path(probation_etl.__file__)
ENGINES = (
    "polars",
    "pandera",
    "pandas",
    "great_expectations",
    "duckdb",
    "jinja2",
    "yaml",
    "click",
    "python_calamine",
    "pyarrow",
)


def names_for_type_checkers() -> set[str]:
    """Names under TYPE_CHECKING, which editors and type checkers take for the public ones."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [each for block in blocks for each in block.body if isinstance(each, ast.ImportFrom)]
    return {alias.asname or alias.name for each in imports for alias in each.names}


@pytest.mark.parametrize("name", probation_etl.__all__)
def test_every_public_name_loads(name: str) -> None:
    assert getattr(probation_etl, name) is not None


def test_the_public_names_are_those_that_are_exported() -> None:
    assert {*probation_etl.__all__} == {*probation_etl._HOME_OF, "__version__"}
    assert {*probation_etl.__all__} == names_for_type_checkers() | {"__version__"}
    assert dir(probation_etl) == sorted(probation_etl.__all__)


def test_they_are_listed_in_order_and_once() -> None:
    assert probation_etl.__all__ == sorted(set(probation_etl.__all__))


def test_every_public_function_and_class_has_a_docstring() -> None:
    public = (getattr(probation_etl, name) for name in probation_etl.__all__)
    assert [each for each in public if callable(each) and not each.__doc__] == []


def test_every_public_error_has_one_root_and_an_exit_code() -> None:
    errors = [getattr(probation_etl, name) for name in probation_etl.__all__ if name.endswith(("Error", "Failure"))]
    assert all(issubclass(each, probation_etl.ProbationEtlError) for each in errors)
    assert {each.__name__: each.exit_code for each in errors} == {
        "ProbationEtlError": 70, "UsageError": 2, "ContractError": 2, "EnvironmentFailure": 3, "StoreError": 3,
        "ReconciliationError": 3, "LockedError": 75, "InternalError": 70,
    }  # fmt: skip


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = probation_etl.no_such_name


def test_run_is_the_function_even_after_its_module_was_imported() -> None:
    code = "import probation_etl.runs.run, probation_etl as pe; assert callable(pe.run), pe.run"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_the_package_loads_no_engine() -> None:
    code = f"import sys, probation_etl; print([name for name in {ENGINES!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"


def test_what_validates_nothing_loads_no_library_of_validation() -> None:
    heavy = ("pandera", "pandas", "numpy", "great_expectations", "pyarrow", "python_calamine")
    code = f"import sys, probation_etl.runs, probation_etl.status; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
