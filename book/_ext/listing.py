"""`{listing}`: a file that ran, or a region of it, with its name, the program's download and the proof."""

from pathlib import Path

from docutils import nodes
from sphinx.directives.code import LiteralIncludeReader
from sphinx.util.typing import OptionSpec

from book._core import places, regions
from book._core.bundles import Bundle
from book._core.evidence import Evidence, proves
from book._core.frameworks import FRAMEWORKS, ROOT, SNIPPETS, Framework, relative
from book._ext import downloads
from book._ext.directive import NotShown, ProvenDirective
from book._ext.markup import badge, span

LANGUAGES = {
    ".py": "python",
    ".html": "html+django",
    ".conf": "nginx",
    ".css": "css",
    ".js": "javascript",
    ".ini": "ini",
    ".toml": "toml",
    ".mako": "mako",
    ".sql": "sql",
    ".svg": "xml",
    ".txt": "text",
}


class Listing(ProvenDirective):
    """`{listing} snippets/flask/templates/x/list.html rows`: one file, and if named, a region."""

    required_arguments = 1
    optional_arguments = 1

    def show(self) -> list[nodes.Node]:
        path = ROOT / self.arguments[0]
        name = self.arguments[1] if len(self.arguments) > 1 else None
        return [listing(self, path, name)]


def listing(directive: ProvenDirective, path: Path, name: str | None = None) -> nodes.container:
    """The listing of a file, or of its region `name`, that the topic's tests have run."""
    try:
        framework = FRAMEWORKS[path.relative_to(SNIPPETS).parts[0]]
    except (ValueError, KeyError):
        raise NotShown(
            f"{path.name} lies outside snippets/; only what tests run can be shown: "
            "snippets/<framework>/…"
        ) from None
    if not path.exists():
        beside = sorted(p.name for p in path.parent.glob("*.*")) if path.parent.exists() else []
        raise NotShown(f"no file {relative(path)}; its folder has: {', '.join(beside)}")
    evidence = directive.evidence
    proves(evidence, path)
    directive.env.note_dependency(path)
    language = LANGUAGES.get(path.suffix, "text")
    text = RegionReader(path, directive.config, name).read()[0]
    code = nodes.literal_block(text, text, language=language, source=str(path))
    caption = nodes.caption(
        "",
        "",
        badge(framework.name),
        nodes.Text(" "),
        program(framework, path),
        nodes.Text(" "),
        ran_on(framework, evidence),
    )
    classes = ["literal-block-wrapper", "listing", f"listing--{framework.name}"]
    box = nodes.container("", caption, code, literal_block=True, classes=classes)
    directive.set_source_info(box)
    directive.set_source_info(code)
    return box


def ran_on(framework: Framework, evidence: Evidence) -> nodes.inline:
    """What the file ran on; where the framework's badge stands beside it, a page leaves its name out."""
    ran = span("✓ ", "ran")
    ran += [span(f"ran on {framework.label} ", "ran-on")]
    ran += nodes.Text(evidence.ran_on[framework.name])
    return ran


class RegionReader(LiteralIncludeReader):
    """Sphinx's reader for `literalinclude`, with regions by exact name instead of line numbers."""

    def __init__(self, path: Path, config: object, name: str | None) -> None:
        options: OptionSpec = {}
        super().__init__(str(path), options, config)  # type: ignore[arg-type]  # a Config
        self.name = name
        self.source = path

    def read(self, location: tuple[str, int] | None = None) -> tuple[str, int]:
        text = "".join(self.read_file(self.filename, location=location))
        where = relative(self.source)
        regions.regions(text, where)  # even a whole file must have its markers in order
        if self.name is None:
            shown = regions.without_markers(text)
        else:
            shown = regions.region(text, self.name, where).text
        return shown, shown.count("\n")


def program(framework: Framework, path: Path) -> nodes.Node:
    """The file's name, which leads to the program that it is a part of."""
    name: nodes.Node = nodes.literal("", relative(path))
    topic, _ = places.owner(path) or ("", "")
    if framework.snippet(topic).exists():  # others serve all topics
        name = downloads.link(Bundle(framework, topic), name, quiet=True)
    return nodes.inline("", "", name, classes=["listing-file"])
