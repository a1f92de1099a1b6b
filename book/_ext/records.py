"""`{versions-record}` and `{faults-record}`: figures of long runs, from book/_records/, with their date."""

import json
from pathlib import Path

from docutils import nodes

from book._ext.chapters import BOOK, chapter
from book._ext.frameworks import FRAMEWORKS
from book._ext.head import in_words
from book._ext.inline import entry, inline, paragraph, span, table
from book._ext.proven import NotShown, ProvenDirective
from book._ext.summary import link

RECORDS = BOOK / "_records"


class Record(ProvenDirective):
    """A table of a recorded run, and the sentence that says when and on what it ran."""

    file: str
    session: str

    def show(self) -> list[nodes.Node]:
        path = RECORDS / self.file
        if not path.exists():
            raise NotShown(f"no record book/_records/{path.name}; run 'nox -s {self.session}'")
        self.env.note_dependency(path)
        record = self.read(path)
        ran = f"Recorded on {in_words(record['date'])} at commit {record['commit'][:7]}."
        return [self.table(record), paragraph(f"{ran} {self.words(record)}", classes=("record",))]

    def read(self, path: Path) -> dict:
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise NotShown(f"book/_records/{path.name} is no JSON: {error}") from None

    def table(self, record: dict) -> nodes.table:
        raise NotImplementedError

    def words(self, record: dict) -> str:
        return ""


class VersionsRecord(Record):
    """What passed on which versions."""

    file = "versions.json"
    session = "versions -- --record"

    def table(self, record: dict) -> nodes.table:
        heads = ["Versions", "Python", *(f.label for f in FRAMEWORKS.values()), "Result"]
        return table(
            [[nodes.Text(head)] for head in heads],
            [self.row(result) for result in record["combinations"]],
            widths=[22, 12, 12, 14, 12, 28],
            classes=("records",),
        )

    def row(self, result: dict) -> list[nodes.entry]:
        versions = result.get("versions", {})
        names = ["python", *(f.distribution for f in FRAMEWORKS.values())]
        cells = [entry(versions.get(name, "")) for name in names]
        return [entry(result["name"]), *cells, entry(*inline(self.outcome(result)))]

    def outcome(self, result: dict) -> str:
        if "absent" in result:
            return f"not run: {result['absent']}"
        counts = f"{result['passed']:,} checks green"
        if result["failed"]:
            counts += f", {len(result['failed'])} red"
        return "; ".join([counts, *(f"`{t}` {need}" for t, need in result["needs"].items())])


class FaultsRecord(Record):
    """How many planted faults the tests noticed, per topic and framework."""

    file = "mutation.json"
    session = "mutate -- --record"

    def table(self, record: dict) -> nodes.table:
        heads = ["Chapter", *(f.label for f in FRAMEWORKS.values())]
        return table(
            [[nodes.Text(head)] for head in heads],
            [self.row(name, found) for name, found in record["topics"].items()],
            widths=[31, 23, 23, 23],
            classes=("records",),
        )

    def row(self, topic: str, found: dict) -> list[nodes.entry]:
        return [
            entry(link(self.page, chapter(topic))),
            *(entry(self.cell(found[name]) if name in found else "") for name in FRAMEWORKS),
        ]

    def cell(self, row: dict) -> nodes.inline:
        noticed = row["killed"] + row["timed_out"]
        return span(f"{noticed} of {row['faults'] - row['equivalent']} ({row['score']} %)", "score")

    def words(self, record: dict) -> str:
        found = record["all"]
        noticed = found["killed"] + found["timed_out"]
        return (
            f"In all {noticed:,} of {found['faults'] - found['equivalent']:,} faults were noticed: "
            f"{found['score']} %. {found['equivalent']} more change nothing that a test could see."
        )
