"""One vocabulary: names that docs/glossary.md replaced stay out of identifiers, docs and messages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RETIRED = {  # words of identifiers, and what they are called now
    "doubt": "uncertainty",
    "leg": "phase",
    "legs": "phases",
    "stretch": "phase, or interval",
    "level": "phase",
    "levels": "phases",
    "strength": "coefficient",
    "orders": "permutations, or decades",
    "books": "ledger",
    "look": "state",
    "remark": "warning",
    "remarks": "warnings",
    "kin": "family",
    "branch": "family",
    "branches": "families",
    "dealt": "split",
    "divided": "split",
    "dividing": "splitting",
    "explored": "resolved",
    "narrowing": "query",
    "caveats": "limits",
    "chance": "probability",
}
RETIRED_NAMES = {"given_up", "gave_up", "in_words", "Found", "Part", "Wanted", "Rule", "Box"}
TOO_GENERAL = {"check", "write", "run", "in_words"}  # for a public function of a package; regsearch.run stays
STORED = {"level", "levels", "strength", "results_by_level"}  # of columns and keys, whose names stay
FOREIGN = {"isolation_level", "setLevel"}
PHRASES = (
    r"one (row|line|entry|number|column|panel) an? (configuration|repeat|seed|trial|sweep|class|feature|training)",
    r"(one|once) an? (CPU|seed|trial|process|configuration|column)",
    r"whole numbers?",
    r"truth values?",
    r"by chance|chance (alone|of class)|than chance",
    r"given up",
)
SOURCES = sorted(p for room in ("regsearch", "storage", "sweeps") for p in (ROOT / room).rglob("*.py"))
TEXTS = [*SOURCES, *sorted((ROOT / "docs").rglob("*.md")), *(ROOT / n for n in ("README.md", "CONTRIBUTING.md"))]


def names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def is_retired(name: str) -> bool:
    if name in STORED | FOREIGN:
        return False
    return name in RETIRED_NAMES or any(word in RETIRED for word in words(name))


def test_no_public_function_has_a_name_that_says_nothing() -> None:
    for path in (p for p in SOURCES if p != ROOT / "sweeps" / "run.py" and p.parent.name != "cli"):
        tree = ast.parse(path.read_text("utf-8"))
        found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} & TOO_GENERAL
        assert not found, f"{path.relative_to(ROOT)}: {found}"


def test_file_names_are_unique_within_a_package() -> None:
    for room in ("regsearch", "storage", "sweeps"):
        files = [p.name for p in SOURCES if p.is_relative_to(ROOT / room) and p.name != "__init__.py"]
        assert len(set(files)) == len(files), sorted(name for name in files if files.count(name) > 1)


@pytest.mark.parametrize("name", ["Doubt", "train_legs", "_branch", "given_up", "RESULTS_BY_LEVEL"])
def test_retired_names_are_recognized(name: str) -> None:
    assert is_retired(name)


def test_identifiers_are_words_of_the_glossary() -> None:
    migrations = ROOT / "storage" / "migrations"
    for path in (p for p in SOURCES if migrations not in p.parents):
        found = sorted({name for name in names(ast.parse(path.read_text("utf-8"))) if is_retired(name)})
        assert not found, f"{path.relative_to(ROOT)}: {found}; see docs/glossary.md"


@pytest.mark.parametrize("phrase", PHRASES)
def test_retired_phrases_stay_out_of_docs_and_messages(phrase: str) -> None:
    for path in TEXTS:
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            assert not re.search(rf"\b({phrase})\b", line), f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
