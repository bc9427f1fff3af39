"""Pages as a reader sees them: text and attributes of elements."""

from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br", "img", "hr", "wbr", "path", "circle"}


class Element:
    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    @property
    def text(self) -> str:
        """What it says, blanks as one."""
        return " ".join("".join(self._texts()).split())

    def _texts(self) -> list[str]:
        return [t for c in self.children for t in ([c] if isinstance(c, str) else c._texts())]

    def find(self, tag: str, **attributes: str) -> list["Element"]:
        """All elements below with this tag, and these words in their attributes (`class_` for class)."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        found: list[Element] = []
        for child in self.children:
            if isinstance(child, Element):
                if child.tag == tag and all(v in child.attributes.get(k, "").split() for k, v in wanted.items()):
                    found.append(child)
                found += child.find(tag, **attributes)
        return found


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open[-1].tag == tag, f"<{self._open[-1].tag}> is closed by </{tag}>"
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_page(response: Any) -> Element:
    """The page. Raises: AssertionError when its elements are not closed in order."""
    builder = _Builder()
    builder.feed(response.content.decode())
    builder.close()
    assert builder._open == [builder.root]
    return builder.root


def board_rows(page: Element) -> dict[str, list[Element]]:
    """Cells of the board's rows by model."""
    [table] = page.find("div", class_="board")
    [body] = table.find("tbody")
    return {row.find("a")[0].text: row.find("td") for row in body.find("tr")}
