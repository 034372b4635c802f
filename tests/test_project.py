"""What holds for the project as a whole, checked on its files."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "analytics").rglob("*.py"))
WRITTEN = sorted(
    path
    for pattern in ("*.py", "*.toml", "*.sh", "*.md", "Makefile", ".ci/run", ".streamlit/*.toml")
    for folder in (".", "analytics", "pages", "tests", "docs", "data/reference")
    for path in ((ROOT / folder).rglob(pattern) if folder != "." else ROOT.glob(pattern))
)
# Addresses may point at these hosts only; the dashboard asks none of them for anything.
HOSTS = {"127.0.0.1", "localhost", "www.python.org", "docs.astral.sh", "www.gov.cn", "www.w3.org"}
HOSTS |= {"here", "evil.example", "kanban.example"}  # nowhere: in tests of what is refused
HOSTS |= {"schemas.openxmlformats.org", "schemas.microsoft.com", "purl.org"}  # names of XML, asked by nobody


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_page_call(node: ast.stmt) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "page"


def _is_constant(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return isinstance(node, ast.Assign | ast.AnnAssign) and all(
        isinstance(target, ast.Name) and target.id.isupper() for target in targets
    )


def test_a_page_holds_imports_constants_and_one_call() -> None:
    pages = sorted((ROOT / "pages").glob("*.py"))
    assert pages
    for path in pages:
        body = ast.parse(path.read_text("utf-8")).body
        statements = body[1:] if ast.get_docstring(ast.Module(body, [])) else body
        rest = [node for node in statements if not isinstance(node, ast.Import | ast.ImportFrom)]
        odd = [ast.unparse(node) for node in rest if not (_is_constant(node) or _is_page_call(node))]
        assert odd == [], _name(path)
        assert [_is_page_call(node) for node in rest].count(True) == 1, _name(path)


def _texts(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {ast.get_docstring(n, clean=False) for n in ast.walk(tree) if isinstance(n, documented)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in docstrings:
            yield node.value


def test_statements_are_written_in_one_place() -> None:
    statement = re.compile(r"\b(SELECT|FROM|WHERE|GROUP BY|ORDER BY|CREATE|INSERT|DROP|COPY)\s")
    elsewhere = [
        f"{_name(path)}: {text.strip()}"
        for path in MODULES
        if path != ROOT / "analytics" / "sql.py"
        for text in _texts(path)
        if statement.search(text)
    ]
    assert elsewhere == []


def _lines(pattern: str) -> list[str]:
    """Where a pattern stands in what people wrote, as file:line: text; this file apart."""
    return [
        f"{_name(path)}:{number}: {line.strip()}"
        for path in WRITTEN
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_addresses_are_of_known_hosts() -> None:
    hosts = "|".join(map(re.escape, HOSTS))
    assert _lines(rf"https?://(?!({hosts})\b)[\w.-]") == []


def test_nothing_names_a_machine_or_leaves_work_undone() -> None:
    assert _lines(r"(^|[\s\"'(=])/(home|root|tmp|work|opt|mnt)/") == []
    assert _lines(r"\b(TODO|FIXME|XXX)\b") == []
