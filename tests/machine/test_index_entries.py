"""The index: its entries lead to the sections above which they stand."""

import json
import subprocess
import sys

import pytest

from book._core.frameworks import ROOT

PAGE = """
# Page

First words.

```{index} ! first, one; two
```
## A section

Text.

### A part of it

```{index} in the text
```
A paragraph.

```{index} ! last
```
## The next section

Text.
"""


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list]:
    """What the search knows: entry to [page, id, whether it is the main one]."""
    folder = tmp_path_factory.mktemp("finding")
    extensions = 'extensions = ["myst_parser", "book._ext.index_entries"]\n'
    (folder / "conf.py").write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n{extensions}")
    (folder / "index.md").write_text(PAGE, "utf-8")
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-q", "-b", "html"]
    result = subprocess.run(
        [*command, folder, folder / "out"], capture_output=True, text=True, timeout=60
    )
    assert (result.stderr, result.returncode) == ("", 0)
    script = (folder / "out" / "searchindex.js").read_text("utf-8")
    found = json.loads(script[script.index("(") + 1 : script.rindex(")")])
    return {name: places[0] for name, places in found["indexentries"].items()}


def test_an_entry_above_a_section_leads_to_it(entries):
    assert entries["first"] == [0, "a-section", True]
    assert entries["one"] == entries["two"] == [0, "a-section", False]


def test_it_may_stand_at_the_end_of_a_deeper_section(entries):
    assert entries["last"] == [0, "the-next-section", True]


def test_an_entry_in_the_text_keeps_its_place(entries):
    assert entries["in the text"][1].startswith("index-")
