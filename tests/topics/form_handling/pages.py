"""A form as a reader sees it and a browser sends it: the same steps for three kinds of HTML."""

from html.parser import HTMLParser
from typing import Any

import httpx2

FIELDS = ("input", "textarea")


class Page(HTMLParser):
    """The form of an HTML page: its fields by their labels, with their values and errors."""

    def __init__(self, response: httpx2.Response):
        super().__init__()
        self.response = response
        self.inputs: list[dict[str, Any]] = []
        self.labels: dict[str, str] = {}
        self.texts: dict[str, str] = {}
        self.multipart = False
        self._into: list[tuple[dict[str, str], str]] = []
        self._open: list[str] = []
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        self.feed(response.text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.multipart = given.get("enctype") == "multipart/form-data"
        if tag in FIELDS:
            self.inputs.append(given)
            return
        if tag in ("meta", "br"):
            return
        self._open.append(given.get("id") or "")
        self.label = given.get("for") or getattr(self, "label", "") if tag == "label" else ""

    def handle_endtag(self, tag):
        self._open.pop()
        self.label = ""

    def handle_data(self, text):
        if not text.strip():
            return
        if self.label:
            self.labels[self.label] = text.strip().removesuffix(":")
        for name in filter(None, self._open):
            self.texts[name] = self.texts.get(name, "") + text.strip()

    def _fields(self):
        """Label and attributes of each field that has a label."""
        for given in self.inputs:
            if given.get("id") in self.labels:
                yield self.labels[given["id"]], given

    @property
    def labelled(self) -> list[str]:
        return [label for label, _ in self._fields()]

    @property
    def values(self) -> dict[str, str]:
        """What stands in the fields, by label; the last where a label comes often."""
        return {label: given.get("value") or "" for label, given in self._fields()}

    @property
    def rows(self) -> list[dict[str, str]]:
        """The same for a form in which the labels come once in each row."""
        found: list[dict[str, str]] = []
        for label, given in self._fields():
            if not found or label in found[-1]:
                found.append({})
            found[-1][label] = given.get("value") or ""
        return found

    @property
    def errors(self) -> dict[str, str]:
        """The errors beside the fields, by label, as a screen reader finds them."""
        return {
            label: self.texts[given["aria-describedby"]]
            for label, given in self._fields()
            if given.get("aria-invalid") == "true"
        }

    @property
    def row_errors(self) -> list[set[str]]:
        """The labels with errors, for each row."""
        found: list[set[str]] = []
        seen: set[str] = set()
        for label, given in self._fields():
            if not found or label in seen:
                found.append(set())
                seen = set()
            seen.add(label)
            if given.get("aria-invalid") == "true":
                assert self.texts[given["aria-describedby"]]
                found[-1].add(label)
        return found

    @property
    def hidden(self) -> dict[str, str]:
        return {
            given["name"]: given["value"] for given in self.inputs if given.get("type") == "hidden"
        }

    def name(self, label: str) -> str:
        """The name under which the field with this label is sent."""
        return next(given["name"] for found, given in self._fields() if found == label)

    def sent(self, rows: list[dict[str, str]]) -> list[tuple[str, str]]:
        """The pairs that a browser sends for what was typed into each row."""
        pairs = [*self.hidden.items()]
        left = [dict(row) for row in rows]
        number, seen = -1, {*self.labelled}
        for label, given in self._fields():
            if given.get("type") == "file":
                continue
            if label in seen:
                number, seen = number + 1, set()
            seen.add(label)
            typed = left[number] if number < len(left) else {}
            pairs.append((given["name"], typed.get(label, given.get("value") or "")))
        return pairs


def open_page(client: httpx2.Client, url: str) -> Page:
    response = client.get(url)
    assert response.status_code == 200
    return Page(response)


OWN = {"origin": "http://testserver", "sec-fetch-site": "same-origin"}


def send(
    client: httpx2.Client,
    url: str,
    *rows: dict[str, str],
    file: tuple | None = None,
    more: dict[str, Any] | None = None,
    headers: dict[str, str] = OWN,
    page: Page | None = None,
) -> httpx2.Response:
    """Open a page, type into its fields by their labels, and send its form."""
    page = page or open_page(client, url)
    data: dict[str, list[str]] = {}
    for name, text in [*page.sent([*rows]), *(more or {}).items()]:
        texts = text if isinstance(text, list) else [text]
        data.setdefault(name, []).extend(texts)
    files = None
    if page.multipart:
        # What a browser sends where no file was chosen.
        files = {"excerpt": file or ("", b"", "application/octet-stream")}
    return client.post(url, data=data, files=files, headers=headers)
