"""The shape of the house: who may import what, how long a file may be, what stays out of a quick command."""

import ast
import functools
import importlib
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "index", "service", "eval")
PRODUCT = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

LONGEST_FILE = 320  # lines
LONGEST_FUNCTION = 50

# Slow to import, so only inside functions: a command that needs no model must not wait for one.
LATE = {
    "bm25s",
    "docx",
    "faiss",
    "ir_measures",
    "langchain_core",
    "langchain_text_splitters",
    "openvino",
    "pypdf",
    "scipy",
    "sentence_transformers",
    "sklearn",
    "torch",
    "trafilatura",
    "transformers",
    "txtai",
}

# Networks are classes of torch's; what needs them imports these late.
NETWORKS = ("index/training/distil.py", "index/training/student.py")

# Libraries with one adapter each: to replace one is to change that. The systems that we are compared with use some of
# them too, and nothing of ours around them.
ADAPTERS = {
    "bm25s": ("eval/targets/bm25.py",),
    "faiss": ("index/dense*.py", "eval/targets/dense_only.py"),
    "ir_measures": ("eval/measures/retrieval.py",),
    "tantivy": ("index/lexical.py",),
    "langchain_text_splitters": ("corpus/chunking.py",),
    "Stemmer": ("index/analysis.py", "eval/targets/bm25.py"),
    "sentence_transformers": ("index/backends/*.py", "eval/targets/dense_only.py"),
    "openvino": ("index/backends/*.py",),
    "sqlite3": ("corpus/*.py", "index/dictionary.py"),
    "fastapi": ("service/**/*.py",),
    "prometheus_client": ("service/*.py",),
    "txtai": ("eval/targets/txtai_hybrid.py",),
}

# Formats that run code when they are read.
UNSAFE = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=name(path))


def imported(node: ast.AST) -> Iterator[str]:
    """Top-level names of the modules that an import statement, or every one below a node, brings in."""
    for child in ast.walk(node):
        if isinstance(child, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and not child.level:
            yield (child.module or "").partition(".")[0]


def is_type_checking(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def at_import_time(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported: not functions, not what only type checkers read."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or is_type_checking(statement):
            continue
        inner = [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.stmt)]
        if inner:
            yield from at_import_time(inner)
        else:
            yield statement


def test_the_checks_see_the_code():
    assert {"corpus/documents.py", "index/lexical.py", "service/answers.py", "eval/measures/textbook.py"} <= set(
        map(name, PRODUCT)
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_each_name_belongs_to_us_alone(package):
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve() == ROOT / package / "__init__.py"
    # An editable install lists no files, so that it may own a name without being named here.
    assert set(packages_distributions().get(package, [])) <= {"fundstelle"}


@pytest.mark.parametrize("path", PRODUCT + TESTS, ids=name)
def test_eval_is_never_imported_over_the_builtin(path):
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            hidden = [alias.name for alias in node.names if alias.name.partition(".")[0] == "eval"]
            assert not hidden, f"line {node.lineno}: write `from eval.x import y`"
        if isinstance(node, ast.ImportFrom):
            assert "eval" not in [alias.asname or alias.name for alias in node.names], f"line {node.lineno}"


@pytest.mark.parametrize("library", ADAPTERS)
def test_a_library_has_one_adapter(library):
    allowed = {name(path) for pattern in ADAPTERS[library] for path in ROOT.glob(pattern)}
    importers = {name(path) for path in PRODUCT if library in imported(tree(path))}
    assert importers, f"nothing imports {library}: is the table of adapters out of date?"
    assert importers <= allowed


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_slow_libraries_are_imported_late(path):
    early = {found for statement in at_import_time(tree(path).body) for found in imported(statement)}
    assert not early & (LATE - {"torch"} if name(path) in NETWORKS else LATE)


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_nothing_unpickles(path):
    assert not set(imported(tree(path))) & UNSAFE


@pytest.mark.parametrize("path", PRODUCT + TESTS, ids=name)
def test_files_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_functions_stay_short(path):
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert not long


@pytest.mark.parametrize("path", PRODUCT + TESTS, ids=name)
def test_no_error_is_swallowed(path):
    broad = ("", "Exception", "BaseException", "FundstelleError")
    silent = [
        node.lineno
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (ast.unparse(node.type) if node.type else "") in broad
        and all(isinstance(statement, ast.Pass | ast.Continue) for statement in node.body)
    ]
    assert not silent


@pytest.mark.parametrize("path", PRODUCT, ids=name)
def test_product_code_knows_nothing_beside_the_repository(path):
    text = path.read_text(encoding="utf-8")
    assert "../shared" not in text
    assert '"shared"' not in text


@pytest.mark.parametrize("folder", sorted({path.parent for path in TESTS}), ids=name)
def test_every_test_folder_is_a_package(folder):
    assert (folder / "__init__.py").is_file()


@pytest.mark.parametrize(
    "arguments", [["--help"], ["settings"], ["ingest", "--help"], ["eval", "gate", "--help"]], ids=" ".join
)
def test_a_command_without_a_model_imports_none(arguments):
    script = (
        "import sys\n"
        "from service.cli import main\n"
        "try:\n"
        f"    main({arguments!r})\n"
        "except SystemExit as ended:\n"
        "    assert not ended.code, ended.code\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    loaded = {module.partition(".")[0] for module in done.stderr.split()}
    assert "service" in loaded
    assert not loaded & (LATE | {"tantivy", "fastapi", "numpy"})
