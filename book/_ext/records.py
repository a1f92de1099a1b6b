"""`{versions-record}` and `{faults-record}`: figures of long runs, from book/_records/, with their date."""

import json
from pathlib import Path

from docutils import nodes

from book._core import evidence
from book._core.chapters import BOOK, chapter, topics
from book._core.frameworks import FRAMEWORKS, ROOT
from book._ext.directive import NotShown, ProvenDirective
from book._ext.head import in_words
from book._ext.markup import entry, inline, paragraph, table
from book._ext.summary import link

RECORDS = BOOK / "_records"


class Record(ProvenDirective):
    """A table of recorded runs, and a sentence that says when they were or what they add up to."""

    file: str
    session: str

    def show(self) -> list[nodes.Node]:
        path = RECORDS / self.file
        if not path.exists():
            raise NotShown(f"no record book/_records/{path.name}; run 'nox -s {self.session}'")
        self.env.note_dependency(path)
        record = self.read(path)
        return [self.table(record), paragraph(*inline(self.words(record)), classes=("record",))]

    def read(self, path: Path) -> dict:
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise NotShown(f"book/_records/{path.name} is no JSON: {error}") from None

    def table(self, record: dict) -> nodes.table:
        raise NotImplementedError

    def words(self, record: dict) -> str:
        raise NotImplementedError


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

    def words(self, record: dict) -> str:
        return f"Recorded on {in_words(record['date'])} at commit {record['commit'][:7]}."

    def row(self, result: dict) -> list[nodes.entry]:
        versions = result.get("versions", {})
        names = ["python", *(f.distribution for f in FRAMEWORKS.values())]
        cells = [entry(versions.get(name, "")) for name in names]
        return [entry(result["name"]), *cells, entry(*inline(self.outcome(result)))]

    @staticmethod
    def outcome(result: dict) -> str:
        if "absent" in result:
            return f"not run: {result['absent']}"
        counts = f"{result['passed']:,} checks green"
        if result["failed"]:
            counts += f", {len(result['failed'])} red"
        topics_by_need: dict[str, list[str]] = {}
        for topic, need in result["needs"].items():
            topics_by_need.setdefault(need, []).append(f"`{topic}`")
        needs = [f"{need}: {', '.join(names)}" for need, names in topics_by_need.items()]
        return "; ".join([counts, *needs, *result["skipped"]])


class FaultsRecord(Record):
    """How many planted faults the tests noticed, per topic and framework."""

    file = "mutation.json"
    session = "mutate -- --record"

    def table(self, record: dict) -> nodes.table:
        heads = ["Chapter", *(f.label for f in FRAMEWORKS.values()), "Recorded"]
        return table(
            [[nodes.Text(head)] for head in heads],
            [self.row(topic, record.get(topic)) for topic in topics()],
            widths=[22, 18, 18, 18, 24],
            classes=("records",),
        )

    def row(self, topic: str, found: dict | None) -> list[nodes.entry]:
        title = entry(link(self.page, chapter(topic)))
        if found is None:
            return [title, *(entry("") for _ in FRAMEWORKS), entry("not recorded yet")]
        files = evidence.hashes(topic)
        for file in files:
            self.env.note_dependency(ROOT / file)
        since = "" if found["files"] == files else "; changed since"
        return [
            title,
            *(entry(noticed([found["faults"][name]])) for name in FRAMEWORKS),
            entry(f"{in_words(found['date'])}, {found['commit'][:7]}{since}"),
        ]

    def words(self, record: dict) -> str:
        rows = [row for found in record.values() for row in found["faults"].values()]
        equivalent = sum(row["equivalent"] for row in rows)
        return (
            f"In all {noticed(rows)} of the faults were noticed. {equivalent:,} more change "
            "nothing that a test could see; they are listed with their reasons in "
            "`tests/equivalent_faults.toml`."
        )


def noticed(rows: list[dict]) -> str:
    """How many faults made the tests fail, of those that could: `339 of 344 (98.5 %)`."""
    killed = sum(row["killed"] + row["timed_out"] for row in rows)
    all_of_them = sum(row["faults"] - row["equivalent"] for row in rows)
    return f"{killed:,} of {all_of_them:,} ({100 * killed / all_of_them:.1f}\N{NO-BREAK SPACE}%)"
