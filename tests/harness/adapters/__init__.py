"""What differs between the frameworks in code: one adapter each."""

import importlib
from functools import cache

from tests.harness.adapters.base import Adapter


@cache
def adapter(framework: str) -> Adapter:
    """The adapter of a framework, such as "flask". Its framework is imported only now."""
    return importlib.import_module(f"{__name__}.{framework}").ADAPTER
