"""`{wire-record}`: how the contracts answered on real servers, from book/_records/, with the date."""

from typing import Any

from docutils import nodes

from book._core import places
from book._core.chapters import chapter, topics
from book._core.frameworks import FRAMEWORKS, ROOT, relative
from book._core.variants import SERVED
from book._core.wire import NAME, about
from book._ext.directive import NotShown
from book._ext.head import in_words
from book._ext.markup import entry
from book._ext.records import Record
from book._ext.summary import link


class WireRecord(Record):
    """How many checks of each contract answered as in process, and how many otherwise."""

    def show(self) -> list[nodes.Node]:
        records = {topic: self.read(places.record(topic, NAME)) for topic in topics()}
        found = [record for record in records.values() if record is not None]
        if not found:
            path = relative(places.record("<topic>", NAME))
            raise NotShown(f"no record {path} of any topic; run 'nox -s wire -- --record'")
        heads = [
            f"{FRAMEWORKS[variant.framework].label} {variant.label}" for variant in SERVED.values()
        ]
        return self.shown(
            ["Chapter", *heads, "Recorded"],
            [self.row(topic, record) for topic, record in records.items()],
            [19, *(13 for _ in heads), 16],
            self.words(found),
        )

    def row(self, topic: str, found: dict[str, Any] | None) -> list[nodes.entry]:
        title = entry(link(self.page, chapter(topic)))
        if found is None:
            return [title, *(entry("") for _ in SERVED), entry("not recorded yet")]
        files = about(topic)
        for file in files:
            self.env.note_dependency(ROOT / file)
        since = "" if found["files"] == files else "; changed since"
        cells = [entry(counted(found["variants"].get(name, {}))) for name in SERVED]
        return [title, *cells, entry(f"{in_words(found['date'])}{since}")]

    @staticmethod
    def words(records: list[dict[str, Any]]) -> str:
        """What the records add up to."""
        counts = [each for record in records for each in record["variants"].values()]
        alike = sum(each.get("alike", 0) for each in counts)
        otherwise = sum(each.get("otherwise", 0) for each in counts)
        stayed = sum(len(record["in_process"]) for record in records)
        return (
            f"In all {alike:,} checks over the wire were answered as in process, and {otherwise:,} "
            f"otherwise, as their tests say. {stayed:,} tests of the contracts stay in process: "
            "they look into the program, patch it, count its SQL, or need HTTPS."
        )


def counted(counts: dict[str, int]) -> str:
    """The checks of a topic on a server: `61`, or `59 + 2` if two answer otherwise there."""
    if not counts:
        return "\N{EN DASH}"
    otherwise = counts.get("otherwise", 0)
    return f"{counts.get('alike', 0)}" + (f" + {otherwise}" if otherwise else "")
