"""Reading an EPUB: its documents, as files in a temporary folder.

A browser wants files, so zipfile and two look-ups do; EbookLib would hand out objects of its own.
"""

import contextlib
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from lxml import etree

from book._tools.gates.outcome import NotBuilt

CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}rootfile"
ITEM = "{http://www.idpf.org/2007/opf}item"


@contextlib.contextmanager
def unpacked(epub: Path) -> Iterator[Path]:
    """The contents of an EPUB in a folder that goes away afterwards."""
    if not epub.is_file():
        raise NotBuilt(epub)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(epub) as archive:
        archive.extractall(folder)
        yield Path(folder)


def package(folder: Path) -> Path:
    """The package document (OPF) of an unpacked EPUB."""
    container = etree.parse(folder / "META-INF" / "container.xml")
    return folder / next(container.iter(CONTAINER)).get("full-path", "")


def documents(folder: Path) -> list[Path]:
    """The XHTML documents that the package lists, in its order."""
    opf = package(folder)
    return [
        opf.parent / unquote(item.get("href", ""))
        for item in etree.parse(opf).iter(ITEM)
        if item.get("media-type") == "application/xhtml+xml"
    ]
