"""Parts of addresses."""


class NameConverter:
    """A name as the catalogue allows it: never a path, never text that a database refuses."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class KindConverter(NameConverter):
    """A device kind's slug, which may begin with what sets it apart: `simulated:tesla-t4`."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._:-]*"
