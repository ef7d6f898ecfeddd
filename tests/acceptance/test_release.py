"""What a release consists of: one version everywhere, metadata that package indexes and GitHub accept."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SCHEMAS = {
    "CITATION.cff": "citation-file-format",
    ".github/ISSUE_TEMPLATE/bug.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/wish.yml": "github-issue-forms",
    ".github/workflows/test.yml": "github-workflows",
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_file_is_what_its_reader_takes(name: str) -> None:
    command = [Path(sys.executable).with_name("check-jsonschema"), "--builtin-schema", f"vendor.{SCHEMAS[name]}", name]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_files_under_github_are_looked_at() -> None:
    found = {path.relative_to(ROOT).as_posix() for path in (ROOT / ".github").rglob("*.yml")}
    assert found == {name for name in SCHEMAS if name.startswith(".github")}


def test_the_version_is_the_same_everywhere() -> None:
    cited = re.search(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.M)
    assert cited is not None and cited[1] == PROJECT["version"]


def test_the_changelog_has_a_section_for_what_is_coming_and_for_each_version() -> None:
    sections = re.findall(r"^## \[(.*?)\]( - \d{4}-\d\d-\d\d)?$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    names = [name for name, _ in sections]
    assert names[0] == "Unreleased" and len(names) == len(set(names))
    assert all(date for name, date in sections if name != "Unreleased")


def test_the_supported_pythons_are_those_that_are_tested() -> None:
    workflow = (ROOT / ".github" / "workflows" / "test.yml").read_text("utf-8")
    tested = set(re.findall(r'"(3\.\d+)"', workflow))
    claimed = {each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: 3." in each}
    assert tested == claimed
