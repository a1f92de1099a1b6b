"""What a page loads: nothing from outside, nothing that is missing, and not too much."""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from playwright.async_api import Request, Response, Route

from book._tools.gates.bench import Bench
from book._tools.gates.gate import gate
from book._tools.gates.links import ABSOLUTE, html_tree
from book._tools.gates.outcome import Finding, Result, count

KB, REQUESTS = 150, 15
# A page that shows much code cannot keep to that: furo, search, copy buttons and the book's own
# files are 104 KB, a page's frame is 18. On top of these a chapter may weigh four times the text
# that it shows. Measured, with colours and labels: 2.7 to 3.6 times; as the stock builder has it: 6.
FRAME, TIMES = 125, 4
INLINE = ("data:", "blob:", "about:")
# The search index holds the words of the whole book; only the search page loads it.
INDEX = "searchindex.js"


@dataclass
class Load:
    """The files that one page asked for, and what was wrong with that."""

    files: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def weight(files: list[str], root: Path) -> float:
    """How many KB (of 1024 bytes) these files have on disk, uncompressed."""
    paths = (root / file for file in files if Path(file).name != INDEX)
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1024


def shown(path: Path) -> float:
    """How many KB of text a page's article shows, uncompressed."""
    article = html_tree(path).find(".//article")
    return 0 if article is None else len(article.text_content().encode()) / 1024


def too_heavy(page: str, files: list[str], root: Path) -> list[Finding]:
    """Whether a page asks for too much, and what weighs most."""
    findings = []
    limit = max(KB, FRAME + TIMES * shown(root / page))
    if (size := weight(files, root)) > limit:
        top = sorted(files, key=lambda file: -weight([file], root))[:3]
        parts = ", ".join(f"{file} {weight([file], root):.0f}" for file in top)
        what = f"{size:.1f} KB of {limit:.0f}, most of it in {parts}"
        findings.append(Finding(page, "", what))
    if len(files) > REQUESTS:
        findings.append(Finding(page, "", f"{len(files)} requests: {' '.join(files)}"))
    return findings


@functools.cache
def loads(bench: Bench) -> dict[str, Load]:
    """Load every page twice: from the server, and from disk without any server."""
    folder = bench.html.resolve().as_uri() + "/"

    async def visit(name: str) -> Load:
        served = await watch(bench, name, bench.origin)
        if name == ABSOLUTE:
            return served
        local = await watch(bench, name, folder)
        return Load(served.files, served.findings + local.findings)

    return bench.each(bench.pages, visit)


async def watch(bench: Bench, name: str, base: str) -> Load:
    """Open a page below `base`, note its requests, and stop those that would leave."""
    over, load = urlsplit(base).scheme, Load()

    def wrong(what: str) -> None:
        load.findings.append(Finding(name, over, what))

    async def decide(route: Route, request: Request) -> None:
        if request.url.startswith((base, *INLINE)):
            await route.continue_()
        else:
            wrong(f"asks for {request.url}")
            await route.abort()

    def asked(request: Request) -> None:
        if request.url.startswith(base):
            load.files.append(unquote(urlsplit(request.url.removeprefix(base)).path))

    def failed(request: Request) -> None:
        if request.url.startswith(base):
            wrong(f"cannot load {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            wrong(f"gets {response.status} for {response.url}")

    async with bench.page() as page:
        await page.route("**/*", decide)
        page.on("request", asked)
        page.on("requestfailed", failed)
        page.on("response", answered)
        page.on("pageerror", lambda error: wrong(f"script error: {error}"))
        await page.goto(base + name, wait_until="networkidle")
    return load


@gate("requests", bar="0 leave, 0 fail")
def requests(bench: Bench) -> Result:
    """Requests that leave the book or fail, on every page, over HTTP and from file://."""
    found = loads(bench)
    findings = [finding for load in found.values() for finding in load.findings]
    asked = sum(len(load.files) for load in found.values())
    figure = f"{count(findings, 'problem')} in {asked} requests of {len(found)} pages"
    return Result(figure, findings)


@gate("weight", bar=f"<= {KB} KB or {FRAME} + {TIMES} x text, <= {REQUESTS} requests")
def heaviest(bench: Bench) -> Result:
    """Weight of each page with all that it loads, uncompressed, against the text that it shows."""
    found = {page: load.files for page, load in loads(bench).items()}
    findings = [
        finding for page, files in found.items() for finding in too_heavy(page, files, bench.html)
    ]
    sizes = {page: round(weight(files, bench.html), 1) for page, files in found.items()}
    most = max(map(len, found.values()))
    figure = f"at most {max(sizes.values()):.0f} KB, {most} requests"
    return Result(figure, findings, {"KB": sizes})
