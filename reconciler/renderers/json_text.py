"""A JSON document as text, which may be looked at in a terminal as well."""

import json
import re
from typing import Any

_ACTED_UPON = re.compile("[\x80-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What a terminal would act upon or hide, and JSON lets stand: controls, marks of direction, no width."""


def json_text(value: Any) -> str:
    """The same value to whoever reads it as JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2) + "\n"
    return text if text.isascii() else _ACTED_UPON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
