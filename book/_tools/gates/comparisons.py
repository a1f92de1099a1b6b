"""Each comparison shows three labelled frameworks, in every form that the book has."""

import functools
import re
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from book._core.frameworks import FRAMEWORKS
from book._tools.gates import epubfile, pdffile
from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.outcome import Finding, Result, count

LABELS = [framework.label for framework in FRAMEWORKS.values()]
LOOK = Path(__file__).with_name("comparisons.js").read_text(encoding="utf-8")
CONTAINER = re.compile(rb'class="(?:[^"]* )?compare[ "]')
# Whole programs are folded.
UNFOLD = "() => document.querySelectorAll('details').forEach((fold) => { fold.open = true })"
Boxes = list[dict[str, Any]]


@functools.cache
def chapters(bench: Bench) -> list[str]:
    """The pages that hold a comparison."""
    return [page for page in bench.pages if CONTAINER.search((bench.html / page).read_bytes())]


def chosen(bench: Bench) -> list[str]:
    """Three pages that stand for all: the first one, the heaviest chapter, the smallest."""
    by_size = sorted(chapters(bench), key=lambda page: (bench.html / page).stat().st_size)
    first = ["index.html"] if "index.html" in bench.pages else []
    return list(dict.fromkeys([*first, *by_size[-1:], *by_size[:1]]))


def judge_open(page: str, form: str, boxes: Boxes) -> list[Finding]:
    """Where all panels have to show: in print, without scripts, as columns, in EPUB."""
    findings = []
    for box in boxes:
        shown = [panel["label"] for panel in box["panels"] if panel["seen"] and panel["labelled"]]
        wanted = labels(box)
        if shown != wanted:
            findings.append(Finding(page, f"{form}, {box['where']}", shows(shown, wanted)))
    return findings


def labels(box: dict[str, Any]) -> list[str]:
    """What a set of tabs has to show. A comparison shows all three frameworks, or, where
    an idea does not exist everywhere (`:only:`), those that it declares."""
    declared = [part["label"] for part in box["tabs"] or box["panels"]]
    some = [label for label in LABELS if label in declared]
    return (some or LABELS) if box["compare"] else declared


def shared(boxes: Boxes) -> Boxes:
    """What all editions show: only a screen has the whole programs."""
    return [box for box in boxes if not box["programs"]]


def judge_tabs(page: str, label: str, boxes: Boxes) -> list[Finding]:
    """With scripts: three tabs, and after a choice everywhere just the chosen panel."""
    findings = []
    for box in boxes:
        if not box["compare"]:
            continue
        where = f"tabs on {label}, {box['where']}"
        tabs = [tab["label"] for tab in box["tabs"] if tab["seen"]]
        if tabs != labels(box):
            findings.append(Finding(page, where, shows(tabs, labels(box))))
        shown = [panel["label"] for panel in box["panels"] if panel["seen"]]
        wanted = [label] if label in labels(box) else shown[:1] or LABELS[:1]
        if shown != wanted:
            findings.append(Finding(page, where, shows(shown, wanted)))
        selected = [tab["label"] for tab in box["tabs"] if tab["selected"]]
        if selected != shown:
            findings.append(Finding(page, where, f"the tab of {selected} is selected"))
    return findings


def shows(found: list[str], wanted: list[str]) -> str:
    """The words for what is on the page and what ought to be."""
    return f"shows {', '.join(found) or 'nothing'}; wanted: {', '.join(wanted)}"


def listings(boxes: Boxes) -> Counter[tuple[str, str]]:
    """How often each labelled file is shown in comparisons."""
    return Counter(
        (panel["label"], panel["file"])
        for box in boxes
        if box["compare"]
        for panel in box["panels"]
        if panel["file"]
    )


def judge_pdf(wanted: Counter[tuple[str, str]], lines: list[str]) -> list[Finding]:
    """Whether the PDF has a caption, label and file on a line, for each listing."""
    findings = []
    for (label, file), times in sorted(wanted.items()):
        caption = re.compile(rf"(?<!\w){re.escape(label)}(?!\w).*{re.escape(file)}(?!\w)")
        found = sum(bool(caption.search(line)) for line in lines)
        if found < times:
            what = f"{found} of {times} listings are labelled"
            findings.append(Finding("PDF", f"{label} {file}", what))
    return findings


@gate("compare", bar="three labelled, everywhere")
def compare(bench: Bench) -> Result:
    """Each comparison shows three labelled frameworks, in every form of the book."""
    pages = chapters(bench)
    findings: list[Finding] = []
    if not pages:
        findings.append(Finding("", "", "no page holds a comparison"))
    wanted: Counter[tuple[str, str]] = Counter()
    declared: Counter[tuple[str, ...]] = Counter()
    sizes: Counter[int] = Counter()

    async def visit(name: str) -> None:
        async for form, boxes in forms(bench, name):
            if form in LABELS:
                findings.extend(judge_tabs(name, form, boxes))
            else:
                findings.extend(judge_open(name, form, boxes))
            if form == "no JS":
                wanted.update(listings(shared(boxes)))
                declared.update(declarations(shared(boxes)))
                sizes.update(len(labels(box)) for box in boxes if box["compare"])

    bench.each(pages, visit)
    in_epub = look_at_epub(bench, findings)
    if in_epub != declared and bench.only == "*":
        findings.append(Finding("EPUB", "", differ(in_epub, declared)))
    findings += judge_pdf(wanted, pdffile.lines(bench.pdf))
    three, fewer = sizes[len(LABELS)], sizes.total() - sizes[len(LABELS)]
    figure = f"{three} of three, {fewer} of fewer, {count(findings, 'problem')}"
    return Result(figure, findings, {"three": three, "fewer": fewer})


async def forms(bench: Bench, name: str) -> AsyncIterator[tuple[str, Boxes]]:
    """The ways to see a page: per choice, as columns, in print, without scripts."""
    # Too narrow for columns, which would show all three.
    async with bench.page(viewport={"width": 1200, "height": 900}) as page:
        await page.goto(bench.url(name))
        await page.evaluate(UNFOLD)
        for label in LABELS:
            await choose(page, label)
            yield label, await page.evaluate(LOOK)
        await page.emulate_media(media="print")
        yield "print", shared(await page.evaluate(LOOK))
        await page.emulate_media(media="screen")
        await page.set_viewport_size({"width": 1920, "height": 1080})
        await page.evaluate("document.documentElement.dataset.view = 'columns'")
        yield "columns", await page.evaluate(LOOK)
    async with bench.page(java_script_enabled=False) as page:
        await page.goto(bench.url(name))
        await page.evaluate(UNFOLD)
        yield "no JS", await page.evaluate(LOOK)


async def choose(page: Page, label: str) -> None:
    """Take a framework in the first comparison of the page that has it."""
    tabs = page.locator(".compare").get_by_role("tab", name=label, exact=True)
    if await tabs.count():
        await tabs.first.click()


def declarations(boxes: Boxes) -> Counter[tuple[str, ...]]:
    """How many sets of tabs there are with which labels."""
    return Counter(tuple(labels(box)) for box in boxes)


def differ(found: Counter[tuple[str, ...]], wanted: Counter[tuple[str, ...]]) -> str:
    """The words for a form that does not have the comparisons and tabs of the pages."""
    ours, theirs = (dict(sorted(part.items())) for part in (found - wanted, wanted - found))
    return f"has {ours}, the pages have {theirs}"


def look_at_epub(bench: Bench, findings: list[Finding]) -> Counter[tuple[str, ...]]:
    """Look at the documents of the EPUB as a reading system lays them out."""
    with epubfile.unpacked(bench.epub) as folder:
        documents = [
            path for path in epubfile.documents(folder) if CONTAINER.search(path.read_bytes())
        ]

        async def visit(name: str) -> Boxes:
            async with bench.page(java_script_enabled=False) as page:
                await page.goto((folder / name).as_uri())
                return await page.evaluate(LOOK)

        seen = bench.each([path.relative_to(folder).as_posix() for path in documents], visit)
    declared: Counter[tuple[str, ...]] = Counter()
    for name, boxes in seen.items():
        for box in boxes:
            # Unfolded tabs look like comparisons; which labels they need, the pages say.
            box["compare"] = False
        findings.extend(judge_open(name, "EPUB", boxes))
        declared.update(declarations(boxes))
    return declared
