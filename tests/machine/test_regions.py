"""Regions: their markers balance, and a name means exactly one of them."""

import pytest

from book._core.regions import RegionError, region, regions

NESTED = """\
# region: rows
a = 1
    # region: rows-of-one
    b = 2
    # endregion: rows-of-one
c = 3
# endregion: rows
# region: row
d = 4
# endregion: row
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [("row", "d = 4\n"), ("rows", "a = 1\n    b = 2\nc = 3\n"), ("rows-of-one", "b = 2\n")],
)
def test_a_name_that_another_starts_with_is_its_own(name, text):
    assert region(NESTED, name, "a.py").text == text


def test_the_start_of_a_name_is_no_name():
    with pytest.raises(RegionError) as refused:
        region(NESTED, "rows-of", "a.py")
    assert str(refused.value) == "no region 'rows-of' in a.py; it has: row, rows, rows-of-one"


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (
            "# region: a\nx\n# endregion: a\n# endregion: a",
            "a.py:4: region 'a' is closed twice in this file",
        ),
        (
            "# region: b\n# region: a\nx\n# endregion: a\n# endregion: a\n# endregion: b",
            "a.py:5: region 'a' is closed twice in this file",
        ),
        (
            "# region: a\nx\n# endregion: a\n# region: a",
            "a.py:4: region 'a' is opened twice in this file",
        ),
        ("# region: a\n# region: a", "a.py:2: region 'a' is opened twice in this file"),
        ("x\n# endregion: a", "a.py:2: region 'a' is closed here but not open"),
        (
            "# region: a\n# region: a-b\nx\n# endregion: a",
            "a.py:4: region 'a' is closed here, but 'a-b' (opened in line 2) has to be closed",
        ),
        ("# region: a\nx", "a.py:1: region 'a' is never closed; end it with '# endregion: a'"),
        ("# region: a\n\n# endregion: a", "a.py:3: region 'a' is empty"),
        ("# region:\nx", "a.py:1: '# region:' names no region; write '# region: some-name'"),
        ("<!-- region: A -->", "a.py:1: '<!-- region: A -->' names no region"),
    ],
)
def test_markers_that_do_not_balance_are_refused(lines, problem):
    with pytest.raises(RegionError) as refused:
        regions(lines, "a.py")
    assert str(refused.value).startswith(problem)
