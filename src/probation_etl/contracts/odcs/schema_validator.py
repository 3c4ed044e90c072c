"""Validation of data against a JSON Schema: fast where data are valid, with explanations where they are not.

Every command reads contracts, and nearly all of them are valid. The library that explains errors needs seconds where a
compiled one needs milliseconds, so it is used only for data that the compiled one refuses.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import jsonschema_rs

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

#: Data as a JSON document has them.
Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"

#: The draft of a schema that does not name one itself.
_DRAFT = "https://json-schema.org/draft/2020-12/schema"


class Form:
    """A JSON Schema, compiled when it is first needed."""

    def __init__(self, schema: dict[str, Json]) -> None:
        """A form for data.

        Args:
            schema: A JSON Schema; without ``$schema`` it is of draft 2020-12.
        """
        self.schema: dict[str, Json] = {"$schema": _DRAFT, **schema}

    def is_kept(self, data: Json) -> bool:
        """Whether data (plain dicts, lists and scalars) are valid."""
        try:
            return bool(self._quick.is_valid(data))
        except ValueError:  # a key that is not text, which only the other library can handle
            return bool(self._thorough.is_valid(data))

    def errors(self, data: Json) -> Iterator[ValidationError]:
        """Why data are not valid: errors of the library ``jsonschema``."""
        return self._thorough.iter_errors(data)

    @cached_property
    def _quick(self) -> jsonschema_rs.Validator:
        return jsonschema_rs.validator_for(self.schema, validate_formats=False)

    @cached_property
    def _thorough(self) -> Validator:
        from jsonschema.validators import validator_for

        return validator_for(self.schema)(self.schema)
