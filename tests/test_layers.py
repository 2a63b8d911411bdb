"""Imports run downwards only, and the core knows none of its faces."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parent.parent / "sorter_core"
LAYERS = [
    {"errors", "types", "settings", "processes", "registry", "spawning"},
    {"files", "migrations"},
    {
        "copying",
        "store",
        "store_faults",
        "media",
        "tree",
        "_stills",
        "grid",
        "_pictures",
        "_seeking",
        "_sound",
        "captions",
        "texts",
        "renames",
        "history",
        "following",
        "entries",
        "steps",
        "player",
        "gallery",
    },
    {
        "recovery",
        "claims",
        "journal",
        "undoing",
        "encoders",
        "classifiers",
        "extraction",
        "imports",
        "folds",
        "calibration",
        "novelty",
        "fusion",
        "clustering",
    },
    {"library", "decoding", "_worker", "diagnostics", "models", "demo", "_drawing"},
    {
        "surroundings",
        "describing",
        "depicting",
        "naming",
        "scan",
        "features",
        "again",
        "words",
        "queue",
        "search",
        "sketches",
        "alike",
        "training",
        "prediction",
        "belonging",
        "selection",
    },
    {
        "learning",
        "zero_shot",
        "refit",
        "refitted",
        "relabelled",
        "forecasting",
        "review",
        "atlas",
        "report",
        "jobs",
        "catalog",
        "bulk",
        "second_guesses",
        "duplicates",
        "posters",
        "export",
        "import_runs",
        "strangers",
        "refusals",
        "proposals",
    },
    {"checks", "pulls", "import_plan", "importing", "watching"},
    {"app"},
    {"commands", "__main__", "__init__"},
]
BANNED = {"streamlit", "fastapi", "starlette", "uvicorn", "pickle", "torch"}
HEAVY = {
    "cv2",
    "av",
    "onnx",
    "onnxruntime",
    "sklearn",
    "scipy",
    "joblib",
    "yt_dlp",
    "openai",
    "pandas",
    "plotly",
}

MODULES = sorted(CORE.rglob("*.py"))


def part(path: Path) -> str:
    """The module or package directly below the core."""
    relative = path.relative_to(CORE)
    return relative.parts[0].removesuffix(".py")


def level(name: str) -> int:
    found = [number for number, names in enumerate(LAYERS) if name in names]
    assert found, f"{name} has no layer: add it to LAYERS where it belongs"
    return found[0]


def imports(path: Path, *, everywhere: bool) -> set[str]:
    """Dotted names that a module imports, at its top or anywhere; what is for type checkers only is left out."""
    tree = ast.parse(path.read_text())
    checking = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    nodes = ast.walk(tree) if everywhere else iter(tree.body)
    names: set[str] = set()
    for node in nodes:
        if id(node) in checking:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(CORE)))
def test_imports_run_downwards(path: Path) -> None:
    """A module imports from its own layer or from those below it."""
    here = part(path)
    for name in imports(path, everywhere=True):
        if not name.startswith("sorter_core."):
            continue
        there = name.split(".")[1]
        if not any(there in names for names in LAYERS):
            continue  # a name from the package itself
        assert there == here or level(there) <= level(here), (
            f"{here} imports {there}, which stands above it"
        )


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(CORE)))
def test_the_core_knows_no_face(path: Path) -> None:
    """Neither streamlit nor fastapi, and no pickle anywhere."""
    assert not {name.split(".")[0] for name in imports(path, everywhere=True)} & BANNED


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(CORE)))
def test_heavy_packages_are_imported_late(path: Path) -> None:
    """What costs a tenth of a second is imported where it is used."""
    assert not {name.split(".")[0] for name in imports(path, everywhere=False)} & HEAVY


def test_encoders_do_not_import_each_other() -> None:
    """Each is a file of its own; what they share begins with an underscore."""
    for path in (CORE / "encoders").glob("[!_]*.py"):
        for name in imports(path, everywhere=True):
            if name.startswith("sorter_core.encoders."):
                assert name.split(".")[2].startswith("_"), f"{path.name} imports {name}"


def test_the_public_face_is_short() -> None:
    """Under 40 lines, with an exact __all__."""
    text = (CORE / "__init__.py").read_text()
    assert len(text.splitlines()) < 40
    assert "__all__" in text
