"""docs/own-model.md, done as it says: its files written, its commands run."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from sweeps.config.toml_file import parse_tables
from tests.acceptance.command import called
from tests.scripts import scores_of

TEXT = (Path(__file__).parents[2] / "docs" / "own-model.md").read_text("utf-8")
FILES = dict(re.findall(r"`(\S+)`:\n\n```\w+\n(.*?)```", TEXT, re.S))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    for name, content in FILES.items():
        (folder / name).write_text(content)
    subprocess.run([sys.executable, "make_data.py"], cwd=folder, check=True)
    return folder


def test_it_takes_less_than_ten_lines(folder):
    assert len(FILES["customers.toml"].splitlines()) < 10
    (more,) = [text for text in re.findall(r"```toml\n(.*?)```", TEXT, re.S) if text not in FILES.values()]
    config = parse_tables(tomllib.loads(FILES["customers.toml"] + more))
    assert len(config.targets) == 3


def test_the_table_is_the_one_shown(folder):
    shown = re.search(r"head -3 customers.csv\n(.*?)```", TEXT, re.S)[1]
    assert (folder / "customers.csv").read_text().startswith(shown)


def test_what_it_says_without_an_encoding(folder):
    without = FILES["customers.toml"].replace('encode = "one-hot"\n', "").replace('name = "customers"', 'name = "no"')
    (folder / "no.toml").write_text(without)
    told = re.search(r"(regsearch: data.encode: .*)\n", TEXT)[1]
    done = called("run", "no.toml", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", told)
    assert not list(folder.glob("*.db"))


def test_an_input_for_each_branch(folder):
    done = called("check", "inputs.toml", cwd=folder)
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line.split() for line in done.stdout.splitlines() if line}
    assert [rows[name][3] for name in ("months", "plan", "region")] == ["numbers", "plan", "region"]
    assert "standardized" in rows["months"] and "ids," in rows["region"]
    assert "the compiled program trains as Keras' fit does" in done.stdout


def test_from_nothing_to_an_exported_configuration(folder):
    quick = FILES["customers.toml"].replace("epochs = 200", "epochs = 20\nevaluation.repeats = 1")
    (folder / "customers.toml").write_text(quick)
    done = called("run", "customers.toml", "--out", "results", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert re.search(r"^Winner: .+: mean validation accuracy 0\.\d{4}", done.stdout, re.M)
    assert "against no regularization:" in done.stdout
    assert called("export", "customers", "--to", "best.py", cwd=folder).returncode == 0
    recorded = re.search(r"this one (0\.\d+)", (folder / "best.py").read_text())[1]
    (score,) = scores_of([folder / "best.py"])
    assert abs(score - float(recorded)) <= 1 / 100  # a row
    printed = called("best", "customers", "--format", "python", cwd=folder).stdout
    shown = re.search(r"--format python\n(.*?)```", TEXT, re.S)[1]
    assert re.sub(r"[\d.e-]+", "#", printed) == re.sub(r"[\d.e-]+", "#", shown)
    assert {"best.toml", "lambda.png", "weight_norms.png"} <= {path.name for path in (folder / "results").iterdir()}
