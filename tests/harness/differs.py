"""What sets frameworks apart, as data that the book prints: `@differs` answers, `@only` some."""

import pytest

from book._core.frameworks import FRAMEWORKS


def differs(**expected):
    """Give a contract test its `expected` answer per framework.

    The values are printed in the chapter's table of differences, so write them as a
    reader should see them: strings may hold `code`. Name all frameworks that the test runs
    on: those that have the topic, or those of @only. If all agree, it is no difference.
    """
    if not expected or not expected.keys() <= FRAMEWORKS.keys():
        raise TypeError(
            f"@differs needs some of {', '.join(FRAMEWORKS)}; got {', '.join(expected)}"
        )
    values = list(expected.values())
    if all(value == values[0] and type(value) is type(values[0]) for value in values):
        raise ValueError(f"@differs, but all answer {values[0]!r}: assert that instead")
    return pytest.mark.differs(**expected)


def only(*names):
    """Run a contract test for these frameworks alone: two can share a library, as Alembic."""
    if not names or not {*names} < FRAMEWORKS.keys():
        raise TypeError(f"@only needs one or two of {', '.join(FRAMEWORKS)}; got {names}")
    return pytest.mark.only(*names)
