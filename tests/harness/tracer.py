"""Which lines of the snippets run after which, and in which files each test runs code.

coverage.py still decides from this what never ran (tests/verdict.py); only the collecting is our
own. On Python 3.13 its collector traces every function of every library, which doubles the time
of a test, and follows either threads or greenlets. `sys.monitoring` can watch the snippets' code
alone, wherever it runs.
"""

import os
import sys
from collections import defaultdict
from pathlib import Path

from book._core.frameworks import SNIPPETS

monitoring = sys.monitoring
TOOL = 3
"""Debuggers, coverage.py and profilers have numbers of their own, and can run beside."""
ENTRY, LINE, RETURN, ERROR = (
    getattr(monitoring.events, name) for name in ("PY_START", "LINE", "PY_RETURN", "PY_UNWIND")
)


class Tracer:
    """Watches all threads of this process, as the tool of that number of `sys.monitoring`.

    An arc is a pair of line numbers, the second run right after the first in one frame; minus the
    first line of a function stands for its entry and its exit, as in coverage.py.
    """

    def __init__(self, folder: Path = SNIPPETS, tool: int = TOOL):
        self.tool = tool
        self.prefix = f"{folder}{os.sep}"
        self.arcs: dict[str, set[tuple[int, int]]] = defaultdict(set)
        self.entered: set[str] = set()
        """Files whose code was called since this was last cleared."""
        # By frame, not by thread: a frame can go on in another thread or greenlet. An id may
        # come back for a new frame, but every frame starts with PY_START, which sets it anew.
        self._last: dict[int, int] = {}

    def start(self):
        monitoring.use_tool_id(self.tool, "side-by-side")
        monitoring.register_callback(self.tool, ENTRY, self._enter)
        monitoring.register_callback(self.tool, LINE, self._line)
        monitoring.register_callback(self.tool, RETURN, self._leave)
        monitoring.register_callback(self.tool, ERROR, self._leave)
        monitoring.set_events(self.tool, ENTRY | ERROR)

    def stop(self):
        monitoring.set_events(self.tool, 0)
        monitoring.free_tool_id(self.tool)

    def _enter(self, code, offset):
        if not code.co_filename.startswith(self.prefix):
            return monitoring.DISABLE
        monitoring.set_local_events(self.tool, code, LINE | RETURN)
        self.entered.add(code.co_filename)
        self._last[id(sys._getframe(1))] = -code.co_firstlineno

    def _line(self, code, line):
        frame = id(sys._getframe(1))
        self.arcs[code.co_filename].add((self._last.get(frame, line), line))
        self._last[frame] = line

    def _leave(self, code, offset, value):
        """A frame ends; errors that leave a frame are told of all code, not of ours alone."""
        if code.co_filename.startswith(self.prefix):
            last = self._last.pop(id(sys._getframe(1)), code.co_firstlineno)
            self.arcs[code.co_filename].add((last, -code.co_firstlineno))
