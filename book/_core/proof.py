"""Proof: whether what a marked sentence says can be found in the tests that its mark names.

A machine cannot read, but it can compare: every number and every piece of code in the words that a
mark covers has to occur in what the named tests left or say (their exchanges, expected answers,
statements, names, labels and source) or in a listing above it in the same section. So a number that
is changed, here or there, stops the build. Where words name one framework and the tests recorded an
answer for each, only that framework's counts. And words that name a framework need a test that ran
on it: what another one does shows nothing.

The names of the files that the tests ran count as well. A number below ten occurs in nearly every
source. It has to be an answer, a number of statements, or stand beside the same word as in the
sentence: "step 4" in the label of the test, `step=4` in its code.
"""

import bisect
import contextlib
import difflib
import json
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from book._core import claims, evidence, regions, sources
from book._core.chapters import Chapter
from book._core.claims import Mark
from book._core.evidence import EvidenceError, GreenTest
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS, relative
from book._core.markdown import fences
from book._core.places import owner
from book._core.sources import SourceError
from book._core.variants import VARIANTS

NUMBER = re.compile(r"(?<![\w.])-?\d[\d_,\N{NO-BREAK SPACE}]*(?:\.\d+)?")
WORDS = {
    word: str(number)
    for number, word in enumerate(
        ["four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], start=4
    )
} | {"hundred": "100", "thousand": "1000"}
"""Numbers as words, from where they no longer count frameworks, ways or sides."""
SMALL = 10
SHORT = 40
"""Texts up to here are an answer as a whole; the digits in longer ones may be anything's."""
CLAUSE = re.compile(r"[;:.,]\s|\b(?:while|but|whereas|and in|and for)\b")
NAMES = {framework.label: name for name, framework in FRAMEWORKS.items()}
COMING = re.compile(rf"From (?:{'|'.join(NAMES)})[.,:]")
"""Where a reader comes from, before what is said of the others."""


@dataclass
class Seen:
    """What may stand behind a sentence: texts about all frameworks, and about one."""

    shared: list[str] = field(default_factory=list)
    own: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, set[str]] = field(default_factory=dict)
    """The numbers among answers, by framework: where one may stand without a word beside it."""

    def add(self, framework: str | None, text: str) -> None:
        (self.shared if framework is None else self.own.setdefault(framework, [])).append(text)

    def answer(self, framework: str, value: object) -> None:
        """Note the numbers that are a whole value in an answer."""
        found = self.answers.setdefault(framework, set())
        if isinstance(value, dict):
            for key, each in value.items():
                self.answer(framework, key)
                self.answer(framework, each)
        elif isinstance(value, list):
            found.add(str(len(value)))
            for each in value:
                self.answer(framework, each)
        elif value is not None:
            text = str(value)
            with contextlib.suppress(ValueError):
                if isinstance(parsed := json.loads(text), (dict, list)):
                    self.answer(framework, parsed)
            if len(text) < SHORT:
                found.update(numbers_of(text))

    def answered(self, framework: str | None) -> set[str]:
        own = [self.answers.get(framework, set())] if framework else [*self.answers.values()]
        return self.answers.get("", set()).union(*own)

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
            seen.answer(framework, answer)
        for name, answer in test.variants.items():
            variant = VARIANTS[name]
            seen.add(variant.framework, f"{variant.label}: {answer}")
            seen.answer(variant.framework, answer)
        for framework, exchanges in test.exchanges.items():
            text = json.dumps([asdict(each) for each in exchanges], ensure_ascii=False)
            seen.add(framework or None, f"{text}\n{text.replace(chr(92), '')}")
            for exchange in exchanges:
                came = exchange.response
                seen.answer(framework, asdict(came) if came else exchange.frames)
        for framework, statements in test.statements.items():
            seen.add(framework or None, "\n".join(statements))
            seen.answer(framework, len(statements))
    return seen


def missing(mark: Mark, seen: Seen) -> list[str]:
    """The numbers and the code in a mark's words that nothing behind it holds."""
    found = []
    for clause in clauses(mark.words):
        named = {name for label, name in NAMES.items() if re.search(rf"\b{label}\b", clause)}
        one = named.pop() if len(named) == 1 else None
        text = seen.about(one)
        numbers = numbers_of(text)
        literals = [code for code in mark.literals if f"`{code}`" in clause]
        rest = clause
        for code in literals:
            rest = rest.replace(f"`{code}`", " ")
            if not holds(text, numbers, code):
                found.append(f"`{code}`")
        answers = seen.answered(one)
        for said, number, context in stated(rest):
            small = number.lstrip("-").isdigit() and abs(int(number)) < SMALL
            if small:
                holds_it = number in answers or beside(context, number, text)
            else:
                holds_it = number in numbers or said.lower() in text.lower()
            if not holds_it:
                found.append(said)
    return found


def strangers(mark: Mark, tests: Mapping[str, GreenTest]) -> list[str]:
    """The frameworks that a mark's words name and none of its tests ran on."""
    ran = {name for test in tests.values() for name in test.frameworks or FRAMEWORKS}
    words = COMING.sub("", mark.words)
    return [
        label
        for label, name in NAMES.items()
        if name not in ran and re.search(rf"\b{label}\b(?!-)", words)
    ]


def clauses(words: str) -> list[str]:
    """The clauses of a sentence; a comma inside code ends none."""
    found = [""]
    for piece in re.split(r"(`[^`]*`)", words):
        first, *others = [piece] if piece.startswith("`") else CLAUSE.split(piece)
        found[-1] += first
        found += others
    return found


def beside(words: tuple[str, str], number: str, text: str) -> bool:
    """Whether a small number stands in a text with one of its neighbours in the sentence."""
    before, after = (word.lower().rstrip("s") for word in words)
    flat = re.sub(r"[\W_]+", " ", text.lower())
    digits = [number, *(word for word, value in WORDS.items() if value == number)]
    return any(
        (before and re.search(rf"\b{re.escape(before)}s? {digit}\b", flat))
        or (after and re.search(rf"\b{digit} {re.escape(after)}s?\b", flat))
        for digit in digits
    )


def holds(text: str, numbers: set[str], code: str) -> bool:
    """Whether a text has a piece of code, not as a part of a longer word."""
    if NUMBER.fullmatch(code):
        return bare(code) in numbers
    left = r"(?<!\w)" if re.match(r"\w", code) else ""
    right = r"(?!\w)" if re.search(r"\w\Z", code) else ""
    spaced = re.escape(code).replace(r"\ ", r"\s+")
    return bool(re.search(left + spaced + right, text))


def stated(words: str) -> list[tuple[str, str, tuple[str, str]]]:
    """The numbers that words state: as written, as digits, and the words on both sides."""
    found = []
    for match in re.finditer(rf"{NUMBER.pattern}|[A-Za-z]+", words):
        said = match[0].rstrip(",")
        number = WORDS.get(said.lower()) if said.isalpha() else bare(said)
        if number:
            before = re.findall(r"\w+", words[: match.start()])[-1:]
            after = re.findall(r"\w+", words[match.start() + len(said) :])[:1]
            found.append((said, number, ("".join(before), "".join(after))))
    return found


def numbers_of(text: str) -> set[str]:
    return {bare(match[0]) for match in NUMBER.finditer(text)} | {
        bare(match) for match in re.findall(r"\d+(?:\.\d+)?", text)
    }


def bare(number: str) -> str:
    """A number without what groups its digits: "1,001" and "1_001" are "1001"."""
    return re.sub(r"[_,\N{NO-BREAK SPACE}]", "", number).rstrip(".")


@dataclass(frozen=True)
class Listing:
    """A listing in a chapter: its line, where its section ends, and what it shows."""

    line: int
    end: int
    framework: str
    text: str


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


def refused(mark: Mark, topic: str, above: list[Listing]) -> list[str]:
    """Why a mark does not hold, in words; nothing if it does."""
    if mark.kind == claims.SOURCE:
        try:
            sources.find(mark.target)
        except SourceError as error:
            return [str(error)]
        return []
    tests: dict[str, GreenTest] = {}
    files: list[str] = []
    for other, name in mark.tests:
        try:
            tests[name] = named(other or topic, name)
        except EvidenceError as error:
            return [str(error)]
        files += names_of_files(other or topic, name)
    seen = of_tests(tests)
    seen.add(None, "\n".join(files))
    for listing in above:
        if listing.line < mark.line < listing.end:
            seen.add(listing.framework, listing.text)
    words = textwrap.shorten(mark.words, 70, placeholder=" …")
    return [
        f"the words speak of {label}, on which {mark.target} did not run; name a test that did, "
        f"too: '{words}'"
        for label in strangers(mark, tests)
    ] + [
        f"{said} is in nothing that {mark.target} left or says, nor in a listing above: '{words}'"
        for said in missing(mark, seen)
    ]


def names_of_files(topic: str, test: str) -> list[str]:
    """The names of the topic's files that this test ran."""
    files = evidence.load(topic).files
    return [Path(name).name for name, ran in files.items() if test in ran.tests]


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


def listings(text: str, topic: str) -> list[Listing]:
    """Each listing that a chapter shows."""
    starts = claims.sections(text)
    ends = [*starts, sys.maxsize]
    return [
        Listing(line, ends[bisect.bisect_right(starts, line)], framework, shown)
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
