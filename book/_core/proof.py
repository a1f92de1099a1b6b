"""Proof: whether what a marked sentence says can be found in the tests that its mark names.

A machine cannot read, but it can compare: every number and every piece of code in the words that a
mark covers has to occur in what the named tests left or say (their exchanges, expected answers,
statements, names, labels and source) or in a listing above. So a number that is changed, here or
there, stops the build. Where words name one framework and the tests recorded an answer for each,
only that framework's counts.
"""

import difflib
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

from book._core import claims, evidence, regions, sources
from book._core.chapters import Chapter
from book._core.claims import Mark
from book._core.evidence import EvidenceError, GreenTest
from book._core.fences import fences
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS, relative
from book._core.places import owner
from book._core.sources import SourceError

NUMBER = re.compile(r"(?<![\w.])-?\d[\d_,\N{NO-BREAK SPACE}]*(?:\.\d+)?")
WORDS = {
    word: str(number)
    for number, word in enumerate(
        ["four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=4
    )
} | {"hundred": "100", "thousand": "1000"}
"""Numbers as words, from where they no longer count frameworks, ways or sides."""
CLAUSE = re.compile(r"[;:.,]\s|\b(?:while|but|whereas|and in|and for)\b")
NAMES = {framework.label: name for name, framework in FRAMEWORKS.items()}


@dataclass
class Seen:
    """What may stand behind a sentence: texts about all frameworks, and about one."""

    shared: list[str] = field(default_factory=list)
    own: dict[str, list[str]] = field(default_factory=dict)

    def add(self, framework: str | None, text: str) -> None:
        (self.shared if framework is None else self.own.setdefault(framework, [])).append(text)

    def about(self, framework: str | None) -> str:
        own = (
            self.own.get(framework, [])
            if framework
            else [text for texts in self.own.values() for text in texts]
        )
        return "\n".join([*self.shared, *own])


def of_tests(tests: Mapping[str, GreenTest]) -> Seen:
    """What these tests say and left, by name."""
    seen = Seen()
    for name, test in tests.items():
        seen.add(None, "\n".join([name, name.replace("_", " "), test.label]))
        # The decorator names the answers of all three: they are told apart below.
        source = re.sub(r"(?ms)^@differs\(.*?^\)?(?=def |@|async def )", "", test.source)
        seen.add(test.frameworks[0] if len(test.frameworks) == 1 else None, source)
        for framework, answer in (test.differs or {}).items():
            seen.add(framework, answer if isinstance(answer, str) else json.dumps(answer))
        for framework, exchanges in test.exchanges.items():
            text = json.dumps([asdict(each) for each in exchanges], ensure_ascii=False)
            seen.add(framework or None, f"{text}\n{text.replace(chr(92), '')}")
        for framework, statements in test.statements.items():
            seen.add(framework or None, "\n".join([*statements, f"{len(statements)} statements"]))
    return seen


def missing(mark: Mark, seen: Seen) -> list[str]:
    """The numbers and the code in a mark's words that nothing behind it holds."""
    found = []
    for clause in CLAUSE.split(mark.words):
        named = {name for label, name in NAMES.items() if re.search(rf"\b{label}\b", clause)}
        text = seen.about(named.pop() if len(named) == 1 else None)
        numbers = numbers_of(text)
        literals = [code for code in mark.literals if f"`{code}`" in clause]
        rest = clause
        for code in literals:
            rest = rest.replace(f"`{code}`", " ")
            if not holds(text, numbers, code):
                found.append(f"`{code}`")
        found += [
            said
            for said, number in stated(rest)
            if number not in numbers and not re.search(rf"\b{re.escape(said)}\b", text, re.I)
        ]
    return found


def holds(text: str, numbers: set[str], code: str) -> bool:
    """Whether a text has a piece of code, not as a part of a longer word."""
    if NUMBER.fullmatch(code):
        return bare(code) in numbers
    left = r"(?<!\w)" if re.match(r"\w", code) else ""
    right = r"(?!\w)" if re.search(r"\w\Z", code) else ""
    spaced = re.escape(code).replace(r"\ ", r"\s+")
    return bool(re.search(left + spaced + right, text))


def stated(words: str) -> list[tuple[str, str]]:
    """The numbers that words state, as written and as digits."""
    found = [(match[0], bare(match[0])) for match in NUMBER.finditer(words)]
    return found + [
        (word, WORDS[word.lower()])
        for word in re.findall(r"[A-Za-z]+", words)
        if word.lower() in WORDS
    ]


def numbers_of(text: str) -> set[str]:
    return {bare(match[0]) for match in NUMBER.finditer(text)} | {
        bare(match) for match in re.findall(r"\d+(?:\.\d+)?", text)
    }


def bare(number: str) -> str:
    """A number without what groups its digits: "1,001" and "1_001" are "1001"."""
    return re.sub(r"[_,\N{NO-BREAK SPACE}]", "", number).rstrip(".")


@dataclass(frozen=True)
class Problem:
    """A mark that proves nothing: the line, and what is wrong and would be right."""

    line: int
    message: str


def marks(chapter: Chapter, text: str) -> list[Mark]:
    """All marks of a chapter: of its text, and of the lines of its front matter."""
    found = [mark for each in claims.paragraphs(text) for mark in each.marks]
    for key in ("glance", "summary"):
        for line in chapter.data.get(key, {}).values():
            found += claims.line_marks(str(line))[1]
    return found


def sentences(chapter: Chapter) -> tuple[int, int]:
    """How many sentences of a chapter claim something, and how many of them name who shows it."""
    counts = [each.sentences for each in claims.paragraphs(chapter.path.read_text("utf-8"))]
    return sum(claimed for claimed, _ in counts), sum(shown for _, shown in counts)


def problems(chapter: Chapter, text: str | None = None) -> list[Problem]:
    """What is wrong with the marks of a chapter, all at once."""
    text = chapter.path.read_text("utf-8") if text is None else text
    above = listings(text, chapter.name)
    return [
        Problem(mark.line, message)
        for mark in marks(chapter, text)
        for message in refused(mark, chapter.name, above)
    ]


def refused(mark: Mark, topic: str, above: list[tuple[int, str, str]]) -> list[str]:
    """Why a mark does not hold, in words; nothing if it does."""
    if mark.kind == claims.SOURCE:
        try:
            sources.find(mark.target)
        except SourceError as error:
            return [str(error)]
        return []
    tests: dict[str, GreenTest] = {}
    for other, name in mark.tests:
        try:
            tests[name] = named(other or topic, name)
        except EvidenceError as error:
            return [str(error)]
    seen = of_tests(tests)
    for line, framework, listing in above:
        if line < mark.line or mark.line == 1:
            seen.add(framework, listing)
    return [
        f"{said} is in nothing that {mark.target} left or says, nor in a listing above: "
        f"'{textwrap.shorten(mark.words, 70, placeholder=' …')}'"
        for said in missing(mark, seen)
    ]


def named(topic: str, name: str) -> GreenTest:
    """The green test of a topic, or EvidenceError with the nearest names."""
    tests = {
        key: test for key, test in evidence.load(topic).tests.items() if key.startswith("test_")
    }
    if name in tests:
        return tests[name]
    near = difflib.get_close_matches(name, tests, n=3, cutoff=0.4) or sorted(tests)[:3]
    raise EvidenceError(
        f"no green test '{name}' in tests/topics/{topic}/; the nearest: {', '.join(near)}"
    )


def listings(text: str, topic: str) -> list[tuple[int, str, str]]:
    """Line, framework and text of each listing that a chapter shows."""
    return [
        (line, framework, shown)
        for line, framework, file, region in shown_files(text, topic)
        if (shown := _shown(file, region))
    ]


def shown_files(text: str, topic: str) -> Iterator[tuple[int, str, str, str | None]]:
    for fence in fences(text):
        region = fence.arguments[-1] if fence.arguments else None
        if fence.directive == "listing" and region:
            file = fence.arguments[0]
            where = owner(ROOT / file)
            yield fence.line, where[1] if where else "", file, region if region != file else None
        elif fence.directive == "compare":
            name = fence.options.get("file", f"{fence.options.get('topic', topic)}.py")
            for framework in (
                fence.options.get("only", " ".join(FRAMEWORKS)).replace(",", " ").split()
            ):
                yield fence.line, framework, relative(SNIPPETS / framework / name), region


def _shown(file: str, region: str | None) -> str:
    """What is shown of a file; nothing if it is not there, which its directive reports."""
    try:
        text = (ROOT / file).read_text("utf-8")
        return regions.region(text, region, file).text if region else regions.without_markers(text)
    except (OSError, regions.RegionError):
        return ""
