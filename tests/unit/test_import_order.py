"""Imports point one way: each module may use those above it in this list, and none below."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "probation_etl"

ORDER = (
    "audit",
    "status",
    "unified",
    "intake",
    "contracts.lint",
    "contracts",
    "version",
    "errors",
    "contracts.service_levels",
    "contracts.model.columns",
    "contracts.model.rules",
    "contracts.model.mappings",
    "contracts.model.totals",
    "contracts.model.releases",
    "contracts.model.identification",
    "contracts.model",
    "contracts.date_formats",
    "contracts.findings",
    "contracts.shipped",
    "contracts.odcs.schema_validator",
    "contracts.odcs.schema_errors",
    "contracts.odcs.document",
    "contracts.odcs.properties",
    "contracts.odcs.possible",
    "contracts.odcs.agreement",
    "contracts.odcs.columns",
    "contracts.odcs.rules",
    "contracts.odcs.mapping",
    "contracts.odcs.totals",
    "contracts.odcs.service_levels",
    "contracts.odcs.convert",
    "contracts.odcs.versions",
    "contracts.odcs",
    "contracts.organisations",
    "contracts.checks.compiled",
    "contracts.checks.sql",
    "contracts.checks.comparisons",
    "contracts.checks.computable",
    "contracts.checks.patterns_in_words",
    "contracts.checks.columns",
    "contracts.checks.lookups",
    "contracts.checks.rows",
    "contracts.checks",
    "unified.measures",
    "intake.readers.limits",
    "intake.readers.base",
    "intake.readers.encodings",
    "intake.readers.delimiters",
    "intake.readers.records",
    "intake.readers.csv",
    "intake.readers.archives",
    "intake.readers.compressed",
    "intake.readers.dimensions",
    "intake.readers.xlsb",
    "intake.readers.open_document",
    "intake.readers.inspection",
    "intake.readers.workbook",
    "intake.readers.subprocess",
    "intake.readers.parquet_arrow",
    "intake.readers",
    "intake.file_names",
    "intake.table",
    "intake.fit",
    "intake.parse",
    "intake.sender",
    "intake.identify",
    "targets.workbook_template.columns",
    "targets.workbook_template.sheets",
    "targets.workbook_template.cover",
    "targets.workbook_template",
    "intake.result",
    "intake.resubmission",
    "intake.validate",
    "unified.harmonise",
    "unified.expected_totals",
    "unified.stage_totals",
    "unified.reconcile",
    "stores.base",
    "stores.migrations",
    "stores.matching",
    "stores.statements",
    "stores.totals",
    "stores.engine",
    "stores.borrowed_connection",
    "stores.duckdb",
    "stores.postgres",
    "stores.ledger",
    "stores.released",
    "stores.sql",
    "stores.query_lint",
    "stores",
    "unified.activity",
    "status.arrivals",
    "status.calendar",
    "status.picture",
    "unified.release_checks.silence",
    "unified.release_checks.checks",
    "unified.release_checks.sources",
    "unified.release_checks.redact",
    "unified.release_checks.data_docs",
    "unified.release_checks",
    "contracts.checks.words",
    "reports.summary",
    "reports.html",
    "reports.return_page",
    "reports.run_page",
    "reports.spreadsheet_text",
    "reports.wording",
    "reports.junit",
    "reports.sarif",
    "reports.cell_marks",
    "reports.workbook_rows",
    "reports.workbook",
    "status.page",
    "reports.charts",
    "reports.figures",
    "reports.files",
    "reports",
    "contracts.lint.together",
    "intake.reference_tables",
    "contracts.rulebook",
    "runs.inbox",
    "intake.assess",
    "runs.stages",
    "runs.again",
    "runs.corrections",
    "runs.reassess",
    "runs.totals",
    "runs.session",
    "runs.run",
    "runs.release",
    "runs.check",
    "runs",
    "contracts.checks.listed",
    "targets.patterns",
    "targets.json_schema",
    "targets.table_schema",
    "targets.pandera_script",
    "targets.expectation_suite",
    "targets",
    "proof.patterns",
    "proof.values",
    "proof.candidates",
    "proof.context",
    "proof.evaluate",
    "proof.search",
    "proof.example",
    "proof.returns",
    "proof.attempts",
    "proof",
    "audit.kept_returns",
    "audit.verify.recomputed",
    "audit.verify.evidence",
    "audit.verify.ledger",
    "audit.verify.rows",
    "audit.verify.sources",
    "audit.verify.released",
    "audit.verify",
    "audit.trace",
    "audit.data_package",
    "tracker.caseload",
    "tracker.tables",
    "tracker.words",
    "tracker.periods",
    "tracker.region_figures",
    "tracker.breach_figures",
    "tracker.caseload_figures",
    "tracker.document",
    "tracker.page",
    "tracker",
    "demo",
    "sample.layouts",
    "sample.sheets",
    "sample.archives",
    "sample.xlsx",
    "sample.ods",
    "sample.files",
    "sample.faults",
    "sample.fortnights",
    "sample.tables",
    "sample.apportion",
    "sample.breaches",
    "sample.register",
    "sample.volume",
    "sample.records",
    "sample.caseloads",
    "sample.returns",
    "sample.options",
    "sample.readme",
    "sample.directory",
    "sample.make",
    "sample",
    "api",
    "",  # the package itself: the public names
    "cli.options",
    "cli.failures",
    "cli.logs",
    "cli.settings",
    "cli.output",
    "cli.tables",
    "cli.findings",
    "cli.summary",
    "cli.progress",
    "cli.formats",
    "cli.export",
    "cli.prove",
    "cli.show",
    "cli.template",
    "cli.sample",
    "cli.contracts",
    "cli.returns",
    "cli.validate",
    "cli.status",
    "cli.check",
    "cli.store",
    "cli.trace",
    "cli.tracker",
    "cli",
    "__main__",
)

#: The one import that points down, and why: docs/adr/0010-a-contract-hands-itself-over.md. It stands inside these two
#: functions, so that loading a contract loads nothing below it.
HANDED_OVER = {"contracts.model": ("api", {"to_pandera", "to_expectation_suite"})}


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> set[str]:
    """Modules of the package that a file imports, wherever in the file the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides where it points"
            found |= _from(node)
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names if each.name.split(".")[0] == "probation_etl"}
    return {each.removeprefix("probation_etl").lstrip(".") for each in found}


def _from(node: ast.ImportFrom) -> set[str]:
    module = node.module or ""
    if module.split(".")[0] != "probation_etl":
        return set()
    names = {f"{module}.{each.name}" for each in node.names}
    inside = {name for name in names if name.removeprefix("probation_etl.") in ORDER}
    return inside | ({module} if len(inside) < len(names) else set())


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=module_name)
def test_a_module_imports_only_what_stands_above_it(path: Path) -> None:
    name = module_name(path)
    assert name in ORDER, f"give ‘{name}’ its place in the order"
    allowed = set(ORDER[: ORDER.index(name)])
    assert imported(path) - ({HANDED_OVER[name][0]} if name in HANDED_OVER else set()) <= allowed


@pytest.mark.parametrize("name", HANDED_OVER)
def test_what_points_down_stands_in_the_functions_that_hand_over_and_nowhere_else(name: str) -> None:
    target, functions = HANDED_OVER[name]
    tree = ast.parse(SOURCE.joinpath(*name.split("."), "__init__.py").read_text(encoding="utf-8"))
    holders = [
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and node.module == f"probation_etl.{target}"
    ]
    assert sorted(holders) == sorted(functions)
    everywhere = [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module == f"probation_etl.{target}"]
    assert len(everywhere) == len(holders)


def test_the_order_names_no_module_that_is_gone() -> None:
    present = {module_name(path) for path in SOURCE.rglob("*.py")}
    assert set(ORDER) == present


def test_great_expectations_is_imported_in_one_package_alone() -> None:
    homes = {
        module_name(path)
        for path in SOURCE.rglob("*.py")
        if "great_expectations" in path.read_text(encoding="utf-8") and _imports_library(path, "great_expectations")
    }
    assert {name.partition(".")[0] for name in homes} <= {"unified.release_checks", "unified"}


def _imports_library(path: Path, library: str) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    # What only a type checker reads is not imported.
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    for_types = {id(each) for block in blocks for each in block.body}
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == library:
            return True
        if isinstance(node, ast.Import) and any(each.name.split(".")[0] == library for each in node.names):
            return True
    return False
