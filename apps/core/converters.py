"""Parts of addresses."""


class NameConverter:
    """A name as the catalogue allows it: never a path, never text that a database refuses."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]*"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
