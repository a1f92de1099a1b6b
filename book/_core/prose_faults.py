"""Faults in prose: a sentence with one thing wrong, to see whether the build would refuse it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from book._core import proof
from book._core.chapters import Chapter
from book._core.claims import MARK, Mark
from book._core.frameworks import FRAMEWORKS

KINDS = ("number", "literal", "framework")
LABELS = [framework.label for framework in FRAMEWORKS.values()]


@dataclass(frozen=True)
class Fault:
    """One change to the words that a mark covers, and whether the mark still held."""

    kind: str
    line: int
    before: str
    after: str
    words: str
    noticed: bool


def plant(chapter: Chapter) -> list[Fault]:
    """Every fault in the marked sentences of a chapter, judged as the build would."""
    text = chapter.path.read_text("utf-8")
    above = proof.listings(text, chapter.name)
    marks = [mark for mark in proof.marks(chapter, text) if mark.kind == MARK]
    codes = sorted({code for mark in marks for code in mark.literals})
    return [
        Fault(
            kind,
            mark.line,
            before,
            after,
            mark.words,
            bool(proof.refused(wrong, chapter.name, above)),
        )
        for mark in marks
        for kind, before, after, wrong in wrongs(mark, codes)
    ]


def wrongs(mark: Mark, codes: list[str]) -> Iterator[tuple[str, str, str, Mark]]:
    """A mark's words with one number, piece of code or framework exchanged."""
    rest = re.sub(r"`[^`]*`", lambda code: " " * len(code[0]), mark.words)
    at = 0
    for said, number, _ in proof.stated(rest):
        other = next_number(number, rest)
        at = rest.index(said, at)
        words = mark.words[:at] + other + mark.words[at + len(said) :]
        at += len(said)
        yield "number", said, other, replace(mark, words=words)
    for code in dict.fromkeys(mark.literals):
        if (
            near := neighbour(code, [each for each in codes if each not in mark.literals])
        ) is not None:
            words = mark.words.replace(f"`{code}`", f"`{near}`", 1)
            literals = tuple(near if each == code else each for each in mark.literals)
            yield "literal", f"`{code}`", f"`{near}`", replace(mark, words=words, literals=literals)
    for label in LABELS:
        if re.search(rf"\b{label}\b", mark.words):
            other = LABELS[(LABELS.index(label) + 1) % len(LABELS)]
            swapped = exchanged(mark.words, label, other)
            yield "framework", label, other, replace(mark, words=swapped)


def next_number(number: str, words: str) -> str:
    """The next number that the words do not state anyway."""
    said = {each for _, each, _ in proof.stated(words)}
    other = number
    while other in said or other == number:
        other = str(float(other) + 1) if "." in other else str(int(other) + 1)
    return other


def exchanged(words: str, one: str, other: str) -> str:
    """Words in which two names have changed places."""
    parts = re.split(rf"\b({one}|{other})\b", words)
    return "".join({one: other, other: one}.get(part, part) for part in parts)


def neighbour(code: str, codes: list[str]) -> str | None:
    """Another piece of code of the chapter that could be taken for this one."""
    if proof.NUMBER.fullmatch(code):
        return str(int(code) + 1) if "." not in code else None
    alike = [
        each for each in codes if each != code and bool(each[-1:] == ")") == (code[-1:] == ")")
    ]
    return alike[sum(map(ord, code)) % len(alike)] if alike else None
