"""`{versions-record}` and `{faults-record}`: figures of long runs, from book/_records/, with their date."""

import json
from pathlib import Path

from docutils import nodes

from book._core import evidence, places
from book._core.chapters import chapter, topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._ext.directive import NotShown, ProvenDirective
from book._ext.head import in_words
from book._ext.markup import entry, inline, paragraph, table
from book._ext.summary import link


class Record(ProvenDirective):
    """A table of recorded runs, and a sentence that says when they were or what they add up to."""

    def read(self, path: Path) -> dict | None:
        """What a run has left, if it has."""
        if not path.exists():
            return None
        self.env.note_dependency(path)
        try:
            return json.loads(path.read_text("utf-8"))
        except ValueError as error:
            raise NotShown(f"{relative(path)} is no JSON: {error}") from None

    @staticmethod
    def shown(
        heads: list[str], rows: list[list[nodes.entry]], widths: list[int], words: str
    ) -> list[nodes.Node]:
        """The table, and the sentence below it."""
        names = [[nodes.Text(head)] for head in heads]
        return [
            table(names, rows, widths=widths, classes=("records",)),
            paragraph(*inline(words), classes=("record",)),
        ]


class VersionsRecord(Record):
    """What passed on which versions."""

    def show(self) -> list[nodes.Node]:
        path = places.RECORDS / "versions.json"
        record = self.read(path)
        if record is None:
            raise NotShown(f"no record {relative(path)}; run 'nox -s versions -- --record'")
        rows, labels = record["combinations"], record["varied"]
        return self.shown(
            ["Versions", "Python", "What was varied", "Result"],
            [self.row(result, self.varied(result, rows[0], labels)) for result in rows],
            [18, 12, 40, 30],
            self.words(rows),
        )

    @staticmethod
    def words(rows: list[dict]) -> str:
        """When the rows were recorded, those of one commit together."""
        runs: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            runs.setdefault((row["date"], row["commit"][:7]), []).append(row["name"])
        if len(runs) == 1:
            [(date, commit)] = runs
            return f"Recorded on {in_words(date)} at commit {commit}."
        each = (
            f"on {in_words(date)} at commit {commit}: {'; '.join(names)}"
            for (date, commit), names in runs.items()
        )
        return f"Recorded {', '.join(each)}."

    def row(self, result: dict, varied: str) -> list[nodes.entry]:
        return [
            entry(result["name"]),
            entry(result["versions"]["python"]),
            entry(varied),
            entry(*inline(self.outcome(result))),
        ]

    @staticmethod
    def varied(result: dict, pinned: dict, labels: dict[str, str]) -> str:
        """What is not as it is pinned; of the pinned row, what that is."""
        versions = result["versions"]
        names = [
            f"{label} {versions[name]}"
            for name, label in labels.items()
            if name in versions
            and (result is pinned or versions[name] != pinned["versions"].get(name))
        ]
        if result["others"]:
            names.append(f"{result['others']} more packages")
        return ", ".join(names) or "Python alone"

    @staticmethod
    def outcome(result: dict) -> str:
        red = len(result["failed"])
        topics_by_need: dict[str, list[str]] = {}
        for topic, need in result["needs"].items():
            topics_by_need.setdefault(need, []).append(f"`{topic}`")
        needs = [
            f"{need}, so left out: {', '.join(names)}" for need, names in topics_by_need.items()
        ]
        counts = f"{red:,} of {red + result['passed']:,} checks red" if red else "all checks green"
        return "; ".join([counts, *needs, *result["skipped"]])


class FaultsRecord(Record):
    """How many planted faults the tests noticed, per topic and framework."""

    def show(self) -> list[nodes.Node]:
        records = {topic: self.read(places.record(topic, "faults.json")) for topic in topics()}
        found = [record for record in records.values() if record is not None]
        if not found:
            raise NotShown(
                f"no record {relative(places.record('<topic>', 'faults.json'))} of any topic; "
                "run 'nox -s mutate -- --record'"
            )
        return self.shown(
            ["Chapter", *(f.label for f in FRAMEWORKS.values()), "Recorded"],
            [self.row(topic, record) for topic, record in records.items()],
            [22, 18, 18, 18, 24],
            self.words(found),
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
            entry(f"{in_words(found['date'])}{since}"),
        ]

    @staticmethod
    def words(records: list[dict]) -> str:
        """What the records add up to."""
        rows = [row for found in records for row in found["faults"].values()]
        equivalent = sum(row["equivalent"] for row in rows)
        return (
            f"In all {noticed(rows)} of the faults were noticed. {equivalent:,} more change "
            "nothing that a test could see; they are listed with their reasons in each topic's "
            "`equivalent.toml` below `book/_records/`."
        )


def noticed(rows: list[dict]) -> str:
    """How many faults made the tests fail, of those that could: `339 of 344 (98.5 %)`."""
    killed = sum(row["killed"] + row["timed_out"] for row in rows)
    all_of_them = sum(row["faults"] - row["equivalent"] for row in rows)
    return f"{killed:,} of {all_of_them:,} ({100 * killed / all_of_them:.1f}\N{NO-BREAK SPACE}%)"
