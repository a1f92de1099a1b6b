"""What sets frameworks apart, as data that the book prints: `@differs` answers, `@only` some."""

from importlib.metadata import version

import pytest
from packaging.version import Version

from book._core.frameworks import FRAMEWORKS
from book._core.variants import VARIANTS


def differs(**expected):
    """Give a contract test its `expected` answer per framework.

    The values are printed in the chapter's table of differences, so write them as a
    reader should see them: strings may hold `code`. Name all frameworks that the test runs
    on: those that have the topic, or those of @only. If all agree, it is no difference.

    Name a variant, too, where its framework answers otherwise on a real server or in debug
    mode: `django_asgi=413`. In debug mode a test runs only if it names that.
    """
    if not expected.keys() & FRAMEWORKS.keys():
        raise TypeError(
            f"@differs needs some of {', '.join(FRAMEWORKS)}; got {', '.join(expected)}"
        )
    if unknown := expected.keys() - FRAMEWORKS.keys() - VARIANTS.keys():
        raise TypeError(
            f"@differs: {', '.join(sorted(unknown))} is no framework and no variant; variants: "
            f"{', '.join(VARIANTS)}"
        )
    for name in expected.keys() & VARIANTS.keys():
        usual = expected.get(VARIANTS[name].framework)
        if same(expected[name], usual):
            raise ValueError(
                f"@differs: {name} answers {usual!r} as it does elsewhere: leave it out"
            )
    values = list(expected.values())
    if all(same(value, values[0]) for value in values):
        raise ValueError(f"@differs, but all answer {values[0]!r}: assert that instead")
    return pytest.mark.differs(**expected)


def same(one, other):
    """Whether two answers are one, also to a reader: 200 is not "200"."""
    return one == other and type(one) is type(other)


def in_process(reason):
    """Do not run a contract test over the wire; `reason` completes "it stays in process: "."""
    return pytest.mark.in_process(reason)


def since(reason, **lowest):
    """Leave a test out on older versions than these, by distribution: `since("…", django="6.0")`.

    The table of versions prints the reason: write it so that a reader learns what is otherwise.
    """
    older = [name for name, least in lowest.items() if Version(version(name)) < Version(least)]
    return pytest.mark.skipif(bool(older), reason=reason)


def only(*names):
    """Run a contract test for these frameworks alone: two can share a library, as Alembic."""
    if not names or not {*names} < FRAMEWORKS.keys():
        raise TypeError(f"@only needs one or two of {', '.join(FRAMEWORKS)}; got {names}")
    return pytest.mark.only(*names)
