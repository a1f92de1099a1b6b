"""The builder: one Typst source from all chapters, then one PDF/UA-1 file from that."""

import json
import os
import re
import time
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import typst
from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.display import progress_message
from sphinxcontrib_typstbuilder import TypstBuilder

from book._core.frameworks import FRAMEWORKS
from book._ext.pdf.code import Highlighter
from book._ext.pdf.translator import CHAPTER_MARK, PdfTranslator

logger = logging.getLogger(__name__)

TYPST = Path(__file__).resolve().parents[2] / "_typst"
FONTS = TYPST / "fonts"
TEMPLATES = TYPST / "template"
STANDARD: Final = (
    "ua-1"  # tagged, every glyph there, every picture described: the compiler checks it
)


class PdfBuilder(TypstBuilder):
    """Writes <outdir>/<targetname>.pdf for each entry of `typst_documents`.

    The Typst source and all it needs stay in <outdir>/<targetname>/, to look at.
    """

    name = "pdf"
    epilog = "The PDF is in %(outdir)s."
    default_translator_class = PdfTranslator

    def init(self) -> None:
        super().init()
        self.config.typst_template = "book"
        self.config.typst_templates_path = [str(TEMPLATES)]
        self.timestamp = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
        self.config.typst_date = date_of(self.timestamp)
        self.highlighter = Highlighter(self.config.pygments_style)
        self.parts: dict[str, tuple[str, bool]] = {}

    def _assemble_doctree(self, startdocname: str, appendices: list[str]) -> nodes.document:
        self.parts = self._find_parts(startdocname)
        tree = super()._assemble_doctree(startdocname, appendices)
        # What the first page says stands before all chapters, wherever its toctrees are.
        for chapter in list(tree.findall(is_chapter)):
            chapter.parent.remove(chapter)
            tree += chapter
        return tree

    def _find_parts(self, startdocname: str) -> dict[str, tuple[str, bool]]:
        """The part of each chapter, which is its toctree's caption (assembling drops them), and
        whether the chapter opens it."""
        toctrees = self.env.get_doctree(startdocname).findall(addnodes.toctree)
        return {
            name: (toctree["caption"], name == toctree["includefiles"][0])
            for toctree in toctrees
            if toctree.get("caption")
            for name in toctree["includefiles"]
        }

    def _write_doc(self, startdocname: str, targetname: str, *rest: Any) -> None:
        Path(self.outdir).mkdir(parents=True, exist_ok=True)
        super()._write_doc(startdocname, targetname, *rest)
        self._compile(targetname)

    def _copy_template(self, template_name: str, outdir: Path) -> None:
        super()._copy_template(template_name, outdir)
        style = json.dumps(self.highlighter.style())
        (outdir / "templates" / "code-style.json").write_text(style, "utf-8")

    def _write_metadata(self, title: str, extra_metadata: dict[str, Any], outdir: Path) -> None:
        ran_on = [f"{framework.label} {framework.version}" for framework in FRAMEWORKS.values()]
        known = {
            "copyright": self.config.copyright,
            "online": self.config.html_baseurl,
            "ran_on": ran_on,
            **extra_metadata,
        }
        super()._write_metadata(title, known, outdir)

    @progress_message("compiling the PDF")
    def _compile(self, targetname: str) -> None:
        source = Path(self.outdir) / targetname / f"{targetname}.typ"
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[FONTS])
        try:
            pdf, warnings = typst.compile_with_warnings(
                source,
                root=source.parent,
                font_paths=fonts,
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=[STANDARD],
                timestamp=self.timestamp,
            )
        except typst.TypstError as error:
            chapter, message = explain(error, source)
            logger.error("%s", message, location=chapter, type="pdf")
            raise SystemExit(1) from None  # Sphinx would bury any other exception in a traceback
        for warning in warnings:
            chapter, message = explain(warning, source)
            logger.warning("%s", message, location=chapter, type="pdf")
        (Path(self.outdir) / f"{targetname}.pdf").write_bytes(pdf)


def is_chapter(node: nodes.Node) -> bool:
    """Whether this is a file that no other file but the first includes."""
    if not isinstance(node, addnodes.start_of_file):
        return False
    parent = node.parent
    while parent is not None and not isinstance(parent, addnodes.start_of_file):
        parent = parent.parent
    return parent is None


def date_of(timestamp: int) -> date:
    return datetime.fromtimestamp(timestamp, UTC).date()


def explain(
    problem: typst.TypstError | typst.TypstWarning, source: Path
) -> tuple[tuple[str, None] | None, str]:
    """The chapter that the compiler complains about, and its message with the Typst line."""
    hints = "".join(f"\n  hint: {hint}" for hint in problem.hints)
    places = re.findall(re.escape(source.name) + r":(\d+)", problem.diagnostic)
    if not places:
        return None, f"{problem.message}{hints}\n{problem.diagnostic}"
    number = int(places[-1])
    lines = source.read_text("utf-8").splitlines()
    marks = (line for line in reversed(lines[:number]) if line.startswith(CHAPTER_MARK))
    chapter = next(marks, CHAPTER_MARK).removeprefix(CHAPTER_MARK)
    shown = lines[number - 1].strip()[:200]
    where = (chapter, None) if chapter else None
    return where, f"{problem.message}{hints}\n  {source}:{number}: {shown}"
