"""`nox -s mutate -- --prose`: plant faults in sentences and see which the build would not refuse."""

from collections import Counter

from book._core.chapters import chapter
from book._core.prose_faults import KINDS, Fault, plant

BAR = 90
"""Per cent of the changed numbers and literals of each chapter that must be refused."""


def run(names: list[str]) -> int:
    """Print what survived and how many were noticed; 1 if a chapter is below the bar."""
    below = []
    for name in names:
        faults = plant(chapter(name))
        for fault in faults:
            if not fault.noticed:
                print(
                    f"survived: book/{name}.md:{fault.line}: {fault.before} → {fault.after}: {fault.words}"
                )
        said = ", ".join(
            f"{kind}s {score([f for f in faults if f.kind == kind])}" for kind in KINDS
        )
        print(f"{name}: {said}")
        checked = [fault for fault in faults if fault.kind != "framework"]
        if 100 * noticed(checked) < BAR * len(checked):
            below.append(f"{name}: {score(checked)} of numbers and literals; the bar is {BAR} %")
    print("\n".join(below))
    return 1 if below else 0


def noticed(faults: list[Fault]) -> int:
    return Counter(fault.noticed for fault in faults)[True]


def score(faults: list[Fault]) -> str:
    return f"{noticed(faults)} of {len(faults)}"
