"""What pydantic found wrong, in this project's words: no name of a class, no phrase of the library, nothing sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

__all__ = ["describe_fault"]

#: By pydantic's name of the fault; ``{…}`` are its numbers and choices, which are ours.
_WORDS: Final = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "string_type": "must be text",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_unicode": "must be text in UTF-8",
    "string_pattern_mismatch": "has not the form that is asked for",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "too_long": "must have at most {max_length} entries",
    "too_short": "must have at least {min_length} entries",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
    "path_type": "must be a path",
    "json_invalid": "is not JSON",
}
_OTHER: Final = "has a value that is not allowed"


def describe_fault(fault: ErrorDetails | Mapping[str, Any], forms: Mapping[str, str] | None = None) -> str:
    """The fault in words that follow the field's name.

    Args:
        fault: one of ``ValidationError.errors()``.
        forms: what texts that match a pattern are called, by the pattern.

    >>> describe_fault({"type": "greater_than_equal", "ctx": {"ge": 1}})
    'must be at least 1'
    """
    kind, context = fault["type"], dict(fault.get("ctx", {}))
    if kind == "string_pattern_mismatch" and forms and context.get("pattern") in forms:
        return f"must be {forms[context['pattern']]}"
    if kind == "value_error":  # raised by our own validators
        return str(context["error"])
    return _WORDS.get(kind, _OTHER).format_map(context)
