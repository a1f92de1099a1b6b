"""What Django keeps once for a process, kept apart for each topic.

URL converters, `admin.site`, signals and system checks are registered when a topic is imported,
for good, and for everybody: two topics could not both have a converter `isbn`, and a signal of
one would hear the other's requests. While a topic is `alone`, there are only its own beside those
of Django and other packages. (Template tags, templates and commands come with installed apps;
backends of tasks, caches and storages come with settings.)
"""

import sys
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.checks.registry import registry as check_registry
from django.dispatch import Signal
from django.urls import converters, resolvers
from django.utils.functional import empty

from book._core import places

CACHES: tuple[Any, ...] = (converters.get_converters, vars(resolvers)["_route_to_regex"])
"""What `register_converter` clears."""


class Registry:
    """Something that Django keeps as names or objects with values."""

    def read(self) -> dict:
        raise NotImplementedError

    def write(self, entries: dict) -> None:
        raise NotImplementedError

    def belongs(self, key: Any, value: Any) -> bool:
        """Whether a topic that adds this keeps it; else it stays for all."""
        return any(owner(thing) for thing in (key, value))


class Converters(Registry):
    """`register_converter`: a name may be taken once."""

    def read(self) -> dict:
        return dict(converters.REGISTERED_CONVERTERS)

    def write(self, entries: dict) -> None:
        converters.REGISTERED_CONVERTERS.clear()
        converters.REGISTERED_CONVERTERS.update(entries)
        for cached in CACHES:
            cached.cache_clear()

    def belongs(self, key: Any, value: Any) -> bool:
        return True  # a topic may register a converter that a package has


class Admin(Registry):
    """The models of `admin.site`."""

    @property
    def _models(self) -> dict:
        admin = sys.modules.get("django.contrib.admin")
        made = admin is not None and admin.site._wrapped is not empty
        return admin.site._registry if admin and made else {}

    def read(self) -> dict:
        return dict(self._models)

    def write(self, entries: dict) -> None:
        models = self._models
        models.clear()
        models.update(entries)


class Checks(Registry):
    """System checks, those for deployment too."""

    def read(self) -> dict:
        deployment = check_registry.deployment_checks
        return {check: check in deployment for check in check_registry.get_checks(True)}

    def write(self, entries: dict) -> None:
        for checks, kind in (
            (check_registry.registered_checks, False),
            (check_registry.deployment_checks, True),
        ):
            checks.clear()
            checks.update(check for check, deployment in entries.items() if deployment is kind)


class Connection:
    """A receiver of a topic at a signal. It is held as Django holds it: weakly, if that was asked."""

    def __init__(self, signal: Signal, receiver: Any, sender: Any, weak: bool, uid: Any):
        self.signal, self.sender, self.weak, self.uid = signal, sender, weak, uid
        if not weak:
            self.receiver: Callable[[], Any] = lambda: receiver
        elif hasattr(receiver, "__self__"):
            self.receiver = weakref.WeakMethod(receiver)
        else:
            self.receiver = weakref.ref(receiver)

    def make(self) -> None:
        if receiver := self.receiver():
            self.signal.connect(receiver, self.sender, self.weak, self.uid)

    def undo(self) -> None:
        if receiver := self.receiver():
            self.signal.disconnect(receiver, self.sender, self.uid)


REGISTRIES: tuple[Registry, ...] = (Converters(), Admin(), Checks())
common: dict[Registry, dict] = {}
"""What belongs to no topic."""
added: dict[tuple[str, Registry], dict] = defaultdict(dict)
removed: dict[tuple[str, Registry], set] = defaultdict(set)
connections: dict[str, list[Connection]] = defaultdict(list)
"""By topic."""
nested: list[str] = []
"""The topic that is alone now, and before it those that will be again."""


@contextmanager
def alone(topic: str) -> Iterator[None]:
    """While this lasts, nothing is registered by another topic, and what is new is this one's."""
    if nested[-1:] == [topic]:
        yield
        return
    outside = {registry: registry.read() for registry in REGISTRIES}
    if not nested:
        common.update(outside)
    for connection in connections[nested[-1]] if nested else ():
        connection.undo()
    for registry in REGISTRIES:
        left = {k: v for k, v in common[registry].items() if k not in removed[topic, registry]}
        put(registry, left | added[topic, registry])
    for connection in connections[topic]:
        connection.make()
    nested.append(topic)
    try:
        with mock.patch.object(Signal, "connect", noting(topic)):
            yield
    finally:
        nested.pop()
        for connection in connections[topic]:
            connection.undo()
        for registry in REGISTRIES:
            now = registry.read()
            known = common[registry]
            new = {k: v for k, v in now.items() if k not in known or known[k] is not v}
            own = {k: v for k, v in new.items() if registry.belongs(k, v)}
            shared = {k: v for k, v in new.items() if k not in own}
            added[topic, registry] = own
            removed[topic, registry] = known.keys() - now.keys()
            known.update(shared)
            put(registry, outside[registry] | shared)
        for connection in connections[nested[-1]] if nested else ():
            connection.make()


def put(registry: Registry, entries: dict) -> None:
    """Write only what is news: Django's caches go with it."""
    if registry.read() != entries:
        registry.write(entries)


def noting(topic: str) -> Callable[..., None]:
    """`Signal.connect`, which notes the receivers of this topic."""
    connect = Signal.connect

    def noted(
        signal: Signal,
        receiver: Any,
        sender: Any = None,
        weak: bool = True,
        dispatch_uid: Any = None,
    ) -> None:
        connect(signal, receiver, sender, weak, dispatch_uid)
        if owner(receiver) == topic:
            connections[topic].append(Connection(signal, receiver, sender, weak, dispatch_uid))

    return noted


def owner(thing: Any) -> str | None:
    """The topic in whose files a class or function, or the class of an object, was written."""
    return owner_of_module(getattr(thing, "__module__", type(thing).__module__))


@cache
def owner_of_module(name: str) -> str | None:
    file = getattr(sys.modules.get(name), "__file__", None)
    where = places.owner(Path(file)) if file else None
    return where[0] if where else None
