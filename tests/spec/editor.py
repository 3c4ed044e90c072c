"""Shared by the tests of the contract language: what an editor that reads the schema of contracts says of a document."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator

from probation_etl.contracts.odcs.editor_schema import editor_schema


@cache
def _validator() -> Draft7Validator:
    schema = json.loads(editor_schema())
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def faults_in_editor(document: Any) -> list[tuple[str, str]]:
    """Where each fault is, and what the validator says of it."""
    errors = _validator().iter_errors(document)
    return sorted((error.json_path.removeprefix("$."), error.message) for error in errors)
