"""The rooms keep their walls, and no file or function grows beyond what a reader can hold."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import kernel_cache

ROOT = Path(__file__).parents[1]
MODULES = sorted(p for room in ("pipeline", "schemas") for p in (ROOT / room).rglob("*.py"))
WATCHED = set(kernel_cache.WATCHED)
MAX_MODULE, MAX_FUNCTION = 300, 60
# One compiled loop over a document: handing its twenty arrays on to smaller functions costs more than the reading.
LONG_ON_PURPOSE = {"pipeline/features/json_kernel.py: read_documents"}


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """(file and name, lines) of every function."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}: {node.name}", (node.end_lineno or 0) - node.lineno + 1


def test_import_contracts() -> None:
    """The arrows between rooms, and who may import Faust and the clients: `[tool.importlinter]` of pyproject.toml."""
    lint = Path(sys.executable).with_name("lint-imports")
    if not lint.exists():
        pytest.skip("import-linter (extra `dev`) is not installed")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_modules_are_short() -> None:
    long = {str(p.relative_to(ROOT)): n for p in MODULES if (n := len(p.read_text().splitlines())) > MAX_MODULE}
    assert not long


def test_functions_are_short() -> None:
    long = {name for path in MODULES for name, lines in _functions(path) if lines > MAX_FUNCTION}
    assert long == LONG_ON_PURPOSE


def test_every_module_says_why_it_exists() -> None:
    assert not [str(p.relative_to(ROOT)) for p in MODULES if not ast.get_docstring(ast.parse(p.read_text()))]


def _kernels(path: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and any("njit" in ast.unparse(d) for d in node.decorator_list):
            yield node


def test_kernels_call_other_modules_only_in_rooms_that_the_cache_watches() -> None:
    """numba would go on with the old code of a function that changed in another file (`pipeline.kernel_cache`)."""
    elsewhere = {
        (".".join(path.relative_to(ROOT).with_suffix("").parts), kernel.name)
        for path in MODULES
        if not WATCHED & set(path.relative_to(ROOT).parts)
        for kernel in _kernels(path)
    }
    assert elsewhere, "detectors have kernels of their own"
    wrong = []
    for path in MODULES:
        used = {name.id for kernel in _kernels(path) for name in ast.walk(kernel) if isinstance(name, ast.Name)}
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                wrong += [
                    f"{path.relative_to(ROOT)}: {alias.name}"
                    for alias in node.names
                    if (node.module, alias.name) in elsewhere and (alias.asname or alias.name) in used
                ]
    assert not wrong
