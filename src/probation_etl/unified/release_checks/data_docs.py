"""Data Docs: the pages that Great Expectations itself makes of suites and of what was found."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from probation_etl.errors import EnvironmentFailure
from probation_etl.files import explained, make_folder, make_private, write_file
from probation_etl.unified.release_checks.self_contained import make_self_contained

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.abstract_data_context import AbstractDataContext

_SITE = "release_checks"
#: Whose pages these are: an earlier site is replaced, anything else in the directory is not touched.
_MARK = ".made-by-probation-etl"
_FOLDERS = ("expectations", "validations", "static")


def write_pages(
    context: AbstractDataContext, results: Sequence[ExpectationSuiteValidationResult], directory: Path
) -> None:
    """Writes the pages into a directory, for their owner alone; earlier pages there are replaced.

    Args:
        context: The library's context, in memory.
        results: What was found, with everything left out that no page may show.
        directory: Made where it is missing.

    Raises:
        EnvironmentFailure: It cannot be written, or holds something else.
    """
    from great_expectations.core import ExpectationSuite, RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    run = RunIdentifier(run_name="release checks", run_time=datetime.now(UTC))
    for result in results:
        configured = [each.expectation_config for each in result.results if each.expectation_config]
        context.suites.add(ExpectationSuite(result.suite_name, [each.to_domain_obj() for each in configured]))
        key = ValidationResultIdentifier(ExpectationSuiteIdentifier(result.suite_name), run, "unified")
        context.validation_results_store.set(key, result)
    with explained(f"The pages in {directory} cannot be written"):
        _make_room(directory)
        context.add_data_docs_site(
            _SITE,
            {  # type: ignore[typeddict-unknown-key] # the library's own type lacks what its builder takes
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": {
                    "class_name": "TupleFilesystemStoreBackend",
                    "base_directory": str(directory.absolute()),
                },
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            },
        )
        context.build_data_docs([_SITE])
        # Scripts, fonts and pictures; the pages ask for them at other hosts.
        shutil.rmtree(directory / "static", ignore_errors=True)
        make_self_contained(directory)
        _list_pages(directory, {each.suite_name: bool(each.success) for each in results})
        make_private(directory)


def _list_pages(directory: Path, passed: Mapping[str, bool]) -> None:
    """A plain list of what was found, below the library's own, which its scripts would fill."""
    index = directory / "index.html"
    found = sorted((path.relative_to(directory) for path in directory.glob("validations/**/*.html")), key=str)
    entries = "".join(
        f'<li><a href="{quote(path.as_posix())}">{escape(path.parts[1])}</a>: '
        f"{'passed' if passed.get(path.parts[1]) else 'failed'}</li>"
        for path in found
    )
    before, body, after = index.read_text(encoding="utf-8").rpartition("</body>")
    write_file(index, f"{before}<h2>All results</h2><ul>{entries}</ul>{body}{after}")


def _make_room(directory: Path) -> None:
    make_folder(directory)
    present = {each.name for each in directory.iterdir()}
    if present and _MARK not in present:
        raise EnvironmentFailure(f"{directory} holds something else than Data Docs: name another directory.")
    for name in _FOLDERS:
        shutil.rmtree(directory / name, ignore_errors=True)
    (directory / _MARK).touch()
