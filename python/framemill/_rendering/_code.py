"""What code refers to: the names that it looks up, and the modules that it imports while it runs."""

from __future__ import annotations

import dis
import importlib.util
import re
import types
from collections.abc import Iterable
from typing import Any

JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})
# Instructions that do nothing, or only prepare a call.
WITHOUT_EFFECT = frozenset({"EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL"})
# Variables of classes and modules that Python sets from where something is in the file, and docstrings.
WITHOUT_MEANING = frozenset({"__doc__", "__firstlineno__", "__static_attributes__"})
# Instructions that load global variables.
LOADING = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS")
# Functions and attributes by which code looks up variables by their names.
LOOKING_UP = frozenset({"eval", "exec", "f_globals", "globals", "__globals__", "locals", "modules", "vars"})
# Functions of packages that do this with expressions, which code usually contains.
QUERYING = frozenset({"evaluate", "query", "sql"})
# Functions and attributes by which code gets modules by their names.
GETTING_MODULES = frozenset({"__import__", "import_module", "modules"})
# Functions that list the attributes of a module, and attributes that do.
LISTING_FUNCTIONS = frozenset({"dir", "vars"})
LISTING_ATTRIBUTES = frozenset({"__dict__", "getmembers", "getmembers_static"})
# Methods and instructions that change the items of lists, dictionaries and sets.
CHANGING_METHODS = frozenset({
    "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "reverse", "setdefault",
    "sort", "update",
})  # fmt: skip
CHANGING_OPERATIONS = frozenset({"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"})


class Found:
    """The names that values may look up, and where they may look them up.

    Attributes
    ----------
    words : set of str
        The words of all texts, which may be names.
    names : set of str
        The names that code looks up.
    modules : list of module
        The user's own modules, in which code may look up names and words.
    variables : list of dict
        The variables of code that looks up words.
    lists_attributes : bool
        Whether code lists the attributes of an object, which may be a module.
    imports_matplotlib : bool
        Whether code imports Matplotlib while it runs.
    used_names : dict
        For each module: the names of its variables that the user's functions use, and the qualified names of those of
        these functions that are its own.
    set_names : set of str
        The names of the attributes that code sets, which may be variables of modules.
    changed_names : set of str
        The names that code uses where it changes items of anything.
    """

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.names: set[str] = set()
        self.modules: list[types.ModuleType] = []
        self.variables: list[dict[str, Any]] = []
        self.lists_attributes = False
        self.imports_matplotlib = False
        self.used_names: dict[str, set[str]] = {}
        self.set_names: set[str] = set()
        self.changed_names: set[str] = set()

    def note_used(self, module: object, names: Iterable[str]) -> None:
        """Note that functions use these names of a module."""
        self.used_names.setdefault(str(module), set()).update(names)

    def attributes(self) -> list[tuple[dict[str, Any], str]]:
        """Return variables and attributes of modules that code may look up: their dictionaries and names, in order."""
        namespaces = {id(known): (known, self.words) for known in self.variables}
        for module in self.modules:
            known = vars(module)
            # A function of this name makes other attributes.
            names = self.words | self.names | {"__getattr__"}
            if self.lists_attributes:
                names |= {name for name in known if not name.startswith("__")}
            namespaces[id(known)] = known, names
        # Sets give modules in any order.
        in_order = sorted(namespaces.values(), key=lambda each: str(each[0].get("__name__")))
        return [(known, name) for known, names in in_order for name in sorted(names & known.keys())]


def names_in(code: types.CodeType) -> frozenset[str]:
    """Return the names that code may look up, as variables, as attributes, or by `getattr` with a text."""
    parts = _with_inner(code)
    return frozenset(_texts(parts)).union(*(part.co_names for part in parts))


def variables_in(code: types.CodeType) -> set[str]:
    """Return the names that code may look up as global variables, by itself or by functions such as `eval`."""
    parts = _with_inner(code)
    names = _loaded(parts)
    attributes = {name for part in parts for name in part.co_names}
    if (LOOKING_UP | QUERYING).isdisjoint(attributes):
        return names
    return names.union(attributes, *(words_in(text) for text in _texts(parts)))


def attributes_set_in(code: types.CodeType) -> set[str]:
    """Return the names of the attributes that code sets, except for those of `self`."""
    found = set()
    for part in _with_inner(code):
        before = None
        for step in dis.get_instructions(part):
            if step.opname == "STORE_ATTR" and before != "self":
                found.add(step.argval)
            before = step.argval if step.opname.startswith("LOAD_FAST") else None
            # One instruction may load two variables.
            before = before[-1] if isinstance(before, tuple) else before
    return found


def is_generated(code: object) -> bool:
    """Return whether this is code that was not compiled from a file, such as the methods of a dataclass."""
    return isinstance(code, types.CodeType) and code.co_filename.startswith("<")


def steps_of(code: types.CodeType) -> list[dis.Instruction]:
    """Return the instructions of code, without those that do nothing, or store a docstring or a line number."""
    steps: list[dis.Instruction] = []
    for step in dis.get_instructions(code):
        if step.opname == "STORE_NAME" and step.argval in WITHOUT_MEANING:
            # The instruction before it loads the value.
            steps.pop()
        elif step.opname not in WITHOUT_EFFECT:
            steps.append(step)
    return steps


def outer_variables_set_in(code: types.CodeType) -> frozenset[str]:
    """Return the nonlocal variables that code assigns."""
    steps = dis.get_instructions(code)
    return frozenset(step.argval for step in steps if step.opname == "STORE_DEREF") & {*code.co_freevars}


def names_beside_changes_in(code: types.CodeType) -> set[str]:
    """Return the names that code uses where it also changes items of anything."""
    found: set[str] = set()
    for part in _with_inner(code):
        operations = {step.opname for step in dis.get_instructions(part)}
        if not (CHANGING_METHODS.isdisjoint(part.co_names) and CHANGING_OPERATIONS.isdisjoint(operations)):
            found.update(part.co_names)
    return found


def looks_up(code: types.CodeType) -> bool:
    """Return whether code may look up variables by texts that it receives."""
    return not all(LOOKING_UP.isdisjoint(part.co_names) for part in _with_inner(code))


def lists_attributes(code: types.CodeType) -> bool:
    """Return whether code lists the attributes of an object."""
    parts = _with_inner(code)
    attributes = {name for part in parts for name in part.co_names}
    return not (LISTING_FUNCTIONS.isdisjoint(_loaded(parts)) and LISTING_ATTRIBUTES.isdisjoint(attributes))


def words_in(text: str) -> list[str]:
    """Return the words of a text that may be names, as in "axes.title" or "a + b"."""
    return re.findall(r"[^\W\d]\w*", text)


def imports_in(code: types.CodeType, package: str | None) -> set[tuple[str, tuple[str, ...]]]:
    """Return the modules that code of a package imports while it runs, each with the names that it takes from it."""
    found = set()
    for part in _with_inner(code):
        steps = [step for step in dis.get_instructions(part) if step.opname != "EXTENDED_ARG"]
        for place, step in enumerate(steps):
            if step.opname != "IMPORT_NAME":
                continue
            level, items = steps[place - 2].argval, steps[place - 1].argval
            try:
                name = importlib.util.resolve_name("." * level + step.argval, package)
            except ImportError:
                # The import will fail in the same way.
                continue
            found.add((name, tuple(items or ())))
            # `import a.b` also imports `a`, and makes it known.
            parents = name.split(".")[:-1]
            found |= {(".".join(parents[: place + 1]), ()) for place in range(len(parents))}
    return found


def modules_named_in(code: types.CodeType) -> set[str]:
    """Return the texts that may name modules, if code gets modules by their names."""
    parts = _with_inner(code)
    if all(GETTING_MODULES.isdisjoint(part.co_names) for part in parts):
        return set()
    return {text for text in _texts(parts) if all(name.isidentifier() for name in text.split("."))}


def _with_inner(code: types.CodeType) -> list[types.CodeType]:
    """Return code, and the code of the functions that are defined in it."""
    inner = [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    return [code, *(part for one in inner for part in _with_inner(one))]


def _loaded(parts: list[types.CodeType]) -> set[str]:
    """Return the names of the global variables that code loads."""
    steps = (step for part in parts for step in dis.get_instructions(part))
    return {step.argval for step in steps if step.opname in LOADING}


def _texts(parts: list[types.CodeType]) -> list[str]:
    """Return the texts that are constants of code."""
    return [constant for part in parts for constant in part.co_consts if isinstance(constant, str)]
