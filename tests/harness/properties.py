"""Hypothesis with the book's settings, for property tests: loaded for the files that import it.

It takes its settings when a test is decorated, so they have to be there before; and to load it for
every run would cost each of them half a second.
"""

from functools import cache

from book._core.frameworks import ROOT


@cache
def prepare():
    """Load Hypothesis and its profile "book"."""
    import hypothesis
    from hypothesis.configuration import set_hypothesis_home_dir

    set_hypothesis_home_dir(ROOT / "build" / ".hypothesis")
    # The same examples in each run; a test's client and its data serve all of them.
    hypothesis.settings.register_profile(
        "book",
        derandomize=True,
        deadline=None,
        max_examples=25,
        # Without `explain`, which traces lines as the witness does: only one of them can.
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate, hypothesis.Phase.shrink],
        suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
    )
    hypothesis.settings.load_profile("book")
