"""A header that an answer does not have, in one line: which it is, and which there are.

httpx2 raises a bare KeyError, twenty lines deep in its own source.
"""

import httpx2


class NoHeader(AssertionError):
    """An answer lacks the header that a test reads. The message says which it has."""


def explained(error: KeyError) -> NoHeader | None:
    """What to raise in place of a KeyError, if it is about headers: from the test's own line."""
    asked, frame = None, error.__traceback__
    while frame and not isinstance(frame.tb_frame.f_locals.get("self"), httpx2.Headers):
        asked, frame = frame, frame.tb_next
    if asked is None or frame is None:
        return None
    asked.tb_next = None
    has = ", ".join(sorted(frame.tb_frame.f_locals["self"]))
    made = NoHeader(f"no header '{error.args[0]}' in this answer; it has: {has}")
    return made.with_traceback(error.__traceback__)
