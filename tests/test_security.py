"""docs/security.md: every threat names tests that exist, and every test it names proves something."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from analytics.access import ROLES
from analytics.site import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
TEXT = DOCUMENT.read_text("utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "(../tests/" in line]


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_the_table_is_there() -> None:
    assert len(ROWS) > 40
    assert "<!-- table -->" not in TEXT


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:30])
def test_every_threat_names_tests_that_exist(row: str) -> None:
    """At least one of them runs in the short tests."""
    cells = [cell.strip() for cell in row.strip("| ").split(" | ")]
    assert len(cells) == 3 and all(cells)
    named = re.findall(r"\[(test_\w+)\]\(\.\./(tests/[\w/]+\.py)\)(（长）)?", cells[2])
    assert named and "`" not in cells[2]
    short = False
    for name, path, long in named:
        found = functions(ROOT / path)
        assert name in found, name
        module = "pytestmark = pytest.mark.long" in (ROOT / path).read_text("utf-8")
        marked = module or any("mark.long" in ast.unparse(d) for d in found[name].decorator_list)
        assert marked == bool(long), name
        short |= not marked
    assert short


def test_it_names_every_role() -> None:
    for name, role in ROLES.items():
        assert f"| {name} {role.label} |" in TEXT
