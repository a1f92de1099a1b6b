"""Downloads that run: an archive of each framework's program, and the line that starts it."""

from pathlib import Path
from urllib.parse import urljoin

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from book._core import curl
from book._core.bundles import FOLDER, Bundle, bundles
from book._core.chapters import Chapter, chapter, topics
from book._core.frameworks import Framework
from book._ext import tabs
from book._ext.directive import ProvenDirective
from book._ext.markup import container, inline, paragraph
from book._ext.pages import details, is_page, summary
from book._ext.programs import PAGES


class download(nodes.reference):
    """A link to an archive; each edition finds it elsewhere."""


def link(bundle: Bundle, *words: nodes.Node, quiet: bool = False) -> download:
    """A link to the archive; a `quiet` one does not print its address on paper."""
    made = download("", "", *words, file=bundle.file, classes=["quiet"] if quiet else [])
    made["reftitle"] = f"Download {bundle.file}, which runs"
    return made


class Run(ProvenDirective):
    """`{run} routing`: how the programs of a topic run on a reader's machine."""

    required_arguments = 1

    def show(self) -> list[nodes.Node]:
        return box(self, chapter(self.arguments[0]))


def box(directive: ProvenDirective, shown: Chapter) -> list[nodes.Node]:
    """The archives of a chapter's programs, the lines that start them, and what to ask then."""
    config = directive.config
    base = config.html_baseurl if config.book_published else ""
    panels = {
        bundle.framework.name: panel(bundle.framework, shown.name, base)
        for bundle in bundles(shown.name)
    }
    return [
        paragraph("Download one and run it. All that you need is uv:"),
        tabs.make(directive, "run", panels),
        *afterwards(shown),
    ]


def panel(framework: Framework, topic: str, base: str) -> list[nodes.Node]:
    """The archive of one framework, and how it is started."""
    bundle = Bundle(framework, topic)
    name = paragraph(link(bundle, nodes.literal("", bundle.file)), classes=("archive",))
    with_pip = details(
        "", summary("", "With pip instead of uv"), command(bundle.line(pip=True, base=base))
    )
    with_pip["classes"] = ["with-pip"]
    return [name, command(bundle.line(base=base)), on_pages(with_pip)]


def afterwards(shown: Chapter) -> list[nodes.Node]:
    """What to send to the running program, and how it runs from the repository."""
    runs = " or ".join(f"`nox -s run -- {b.framework.name}/{b.topic}`" for b in bundles(shown.name))
    return [
        paragraph("Then, from another shell:"),
        command(curl.command(shown.example)),
        on_pages(paragraph(*inline(f"In the repository: {runs}."), classes=("run",))),
    ]


def on_pages(node: nodes.Element) -> addnodes.only:
    """What paper, which nobody copies from, does without."""
    return addnodes.only("", node, expr=PAGES)


def command(text: str) -> nodes.Element:
    code = nodes.literal_block(text, text, language="sh", classes=["command"])
    return container(code, classes=("command",))


def resolve(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Lead to the archives beside the pages; other editions lead to the web, if the book is there."""
    base = f"{FOLDER}/" if is_page(app) else urljoin(app.config.html_baseurl, f"{FOLDER}/")
    for each in list(doctree.findall(download)):
        if is_page(app) or app.config.html_baseurl:
            words = {"reftitle": each["reftitle"]} if is_page(app) else {}
            new: nodes.Element = nodes.reference(
                "", "", *each.children, refuri=base + each["file"], **words
            )
        else:
            new = nodes.inline("", "", *each.children)
        new["classes"] = each["classes"]
        each.replace_self(new)


def write(app: Sphinx, error: Exception | None) -> None:
    """Put the archives of all topics beside the pages."""
    if error or not is_page(app):
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(exist_ok=True)
    for topic in topics():
        for bundle in bundles(topic):
            (folder / bundle.file).write_bytes(bundle.archive())


def setup(app: Sphinx) -> None:
    app.add_node(download)
    app.connect("doctree-resolved", resolve)
    app.connect("build-finished", write)
