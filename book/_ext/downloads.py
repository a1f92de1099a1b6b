"""Downloads that run: an archive of each framework's program, and the line that starts it."""

from pathlib import Path
from urllib.parse import urljoin

from docutils import nodes
from sphinx.application import Sphinx

from book._core import curl
from book._core.bundles import FOLDER, Bundle, bundles
from book._core.chapters import Chapter, topics
from book._core.frameworks import Framework
from book._ext.markup import container, inline, paragraph
from book._ext.pages import details, is_page, summary


class download(nodes.reference):
    """A link to an archive; each edition finds it elsewhere."""


def link(bundle: Bundle, *words: nodes.Node, quiet: bool = False) -> download:
    """A link to the archive; a `quiet` one does not print its address on paper."""
    made = download("", "", *words, file=bundle.file, classes=["quiet"] if quiet else [])
    made["reftitle"] = f"Download {bundle.file}, which runs"
    return made


def panel(framework: Framework, topic: str, base: str) -> list[nodes.Node]:
    """The archive of one framework, and how it is started."""
    bundle = Bundle(framework, topic)
    name = paragraph(link(bundle, nodes.literal("", bundle.file)), classes=("archive",))
    with_pip = details(
        "", summary("", "With pip instead of uv"), command(bundle.line(pip=True, base=base))
    )
    with_pip["classes"] = ["with-pip"]
    return [name, command(bundle.line(base=base)), with_pip]


def afterwards(chapter: Chapter) -> list[nodes.Node]:
    """What to send to the running program, and how it runs from the repository."""
    runs = " or ".join(
        f"`nox -s run -- {b.framework.name}/{b.topic}`" for b in bundles(chapter.name)
    )
    return [
        paragraph("Then, from another shell:"),
        command(curl.command(chapter.example)),
        paragraph(*inline(f"In the repository: {runs}."), classes=("run",)),
    ]


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
