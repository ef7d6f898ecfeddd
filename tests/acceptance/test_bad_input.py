"""Bad input: one line on stderr that names the field and what it may be, exit code 2, nothing written."""

from pathlib import Path

import pytest

from sweeps.cli import main as cli
from tests.sweeps.small import TOML

GOOD_SQLITE = "sqlite:///a.db"


def run_main(*args: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> tuple[int, str, str]:
    """The command line in this process: its exit code, stdout and stderr."""
    monkeypatch.setattr("sys.argv", ["regsearch", *args])
    monkeypatch.setattr("signal.signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    code = ended.value.code
    assert isinstance(code, int)
    return code, said.out, said.err


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


CHANGED_FILES = {
    "broken TOML": ("[data]\n", "[data\n", ["sweep.toml: is not valid TOML", "line 5"]),
    "unknown key": ("[training]\nepochs", "[training]\nepoch", ["training.epoch: unknown key", "'epochs'?"]),
    "unknown table": ("[training]", "[trainig]", ["trainig: unknown key", "did you mean 'training'?"]),
    "lambda low": ("low = 1e-3", "low = 0", ["search.lambda.low: must be > 0, got 0"]),
    "lambda negative": ("low = 1e-3", "low = -1e-3", ["search.lambda.low: must be > 0, got -0.001"]),
    "lambda order": ("low = 1e-3", "low = 1e-1", ["search.lambda: low must be below high"]),
    "repeats": ("repeats = 3", "repeats = 0", ["evaluation.repeats: must be ≥ 1, got 0"]),
    "epochs": ("epochs = 60", "epochs = 0", ["training.epochs: must be ≥ 1, got 0"]),
    "regularizer": ('"l2"]', '"l3"]', ["search.regularizers", "'l1_l2', 'weight_decay' or 'early_stopping', got 'l3'"]),
    "data set": ('"moons"', '"moon"', ["data.source: may be 'moons', 'circles'", "did you mean 'moons'?"]),
    "builder": ("hidden = [8]", 'builder = "mlpp"', ["model.builder: may be 'mlp', 'cnn', 'lstm' or", "got 'mlpp'"]),
    "metric": (
        "repeats = 3",
        'metric = "acuracy"',
        ["evaluation.metric: 'acuracy'", "did you mean 'accuracy'?"],
    ),
    "metric for another target": ("repeats = 3", 'metric = "r2"', ["evaluation.metric: 'r2' does not fit"]),
    "strategy": ("regularizers", 'strategy = "coarse"\nregularizers', ["search.strategy: may be 'coarse-to-fine'"]),
    "target": ("regularizers", 'targets = [{ layers = "hiden" }]\nregularizers', ["search.targets", "'hidden'?"]),
    "too many rows": ("fresh_test = 200", "n_samples = 50", ["data.split: asks for 100 rows and there are 50"]),
    "name": ('name = "small"', 'name = "../small"', ["name: may hold letters, digits"]),
    "no name": ('name = "small"', "", ["name: is required"]),
}


@pytest.mark.parametrize("case", CHANGED_FILES)
@pytest.mark.parametrize("command", ["run", "create"])
def test_sweep_file(
    case: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, expected = CHANGED_FILES[case]
    assert old in TOML
    monkeypatch.chdir(tmp_path)
    Path("sweep.toml").write_text(TOML.replace(old, new))
    before = files(tmp_path)
    code, out, err = run_main(command, "sweep.toml", "--storage", GOOD_SQLITE, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and out == "" and len(err.splitlines()) == 1, err
    assert all(part in err for part in expected), err
    assert files(tmp_path) == before


TABLE = """name = "own"
[data]
source = "table.csv"
target = "y"
{more}
[model]
hidden = [4]
[training]
epochs = 5
[search]
regularizers = ["none", "l2"]
{search}
[evaluation]
repeats = 2
"""
GOOD_TABLE = "a,b,g,y\n" + "".join(f"{i},{i % 7},{i % 4},{'kl'[i % 3 > 0]}\n" for i in range(40))
BROKEN_MODEL = "import keras\n\ndef build():\n    return keras.Sequential([no_such_name])\n"
EXITS = """import keras

class Own(keras.Model):
    def train_step(self, data):
        raise SystemExit("no licence")

def build(input_shape, n_outputs, output_activation):
    inputs = keras.Input(input_shape)
    return Own(inputs, keras.layers.Dense(n_outputs, output_activation)(keras.layers.Dense(4)(inputs)))
"""
OWN = "[model]\nbuilder = 'my_model.py:build'"
PARTS = "a,g,p,y\n" + "".join(f"{i},{max(i, 1)},{'train' if i % 2 else 'validation'},{i % 2}.5\n" for i in range(8))


def folds(count: int) -> str:
    return f"split = {{ folds = {count} }}"


FILES: dict[str, tuple[dict[str, str | bytes], str, str, list[str]]] = {  # files, more of [data] and [search], message
    "a target that matches no weight": (
        {},
        "",
        "targets = [{ layers = 'Conv2D' }]",
        [
            "search.targets: 'Conv2D kernel' matches no weight; layers may be hidden, output, all, hidden_1",
            "a kind: Dense",
        ],
    ),
    "a role that the layer has not": (
        {},
        "",
        "targets = [{ weights = ['recurrent'] }]",
        ["search.targets: 'hidden recurrent' matches no weight; the weights of 'hidden' are kernel, bias"],
    ),
    "a column that is not there": (
        {},
        "drop = ['aa']",
        "",
        ["data.drop: there is no column 'aa'", "columns are 'a', 'b'"],
    ),
    "words without an encoding": ({"table.csv": "a,y\nu,k\nv,l\n"}, "", "", ["data.encode: column 'a' holds strings"]),
    "one class": ({"table.csv": "a,y\n1,k\n2,k\n"}, "", "", ["data.target: column 'y' is 'k' in every row"]),
    "a class too small": (
        {"table.csv": GOOD_TABLE + "3,1,1,m\n"},
        "",
        "",
        ["data.split: class 'm' has 1 row for 2 subsets"],
    ),
    "a class too small for folds": ({}, folds(20), "", ["data.split: class 'k' has 14 rows for 20 subsets"]),
    "time without a column": (
        {},
        "split = { validation = 0.3, order = 'time' }",
        "",
        ['data.split.order: "time" needs the column that rows are ordered by: data.time'],
    ),
    "a group in two parts": (
        {"table.csv": PARTS},
        "group = 'g'\nsplit = { column = 'p' }",
        "",
        ["data.group: 1 of 7 groups have rows in several subsets, such as rows 1 and 2 of one"],
    ),
    "groups in time order": (
        {},
        "group = 'g'\ntime = 'a'",
        "",
        ["data.group: 4 of 4 groups have rows in several subsets"],
    ),
    "a corrupt table": (
        {"table.csv": "a,y\n1,2\n1,2,3\n"},
        "",
        "",
        ["table.csv' cannot be read as a table: CSV parse"],
    ),
    "an empty table": ({"table.csv": ""}, "", "", ["table.csv' cannot be read as a table: Empty CSV file"]),
    "no columns but the target": ({"table.csv": "y\n1\n2\n"}, "", "", ["data.features: no column is left to predict"]),
    "10,000 classes": (
        {"table.csv": "a,y\n" + "".join(f"{i},k{i}\n" for i in range(10_000))},
        "",
        "",
        ["y' has 10,000 classes; it may"],
    ),
}
OTHER_FILES = {
    "a corrupt Parquet": (
        "table.csv",
        "table.parquet",
        {"table.parquet": b"PAR1 no PAR1"},
        ["cannot be read as a table"],
    ),
    "no such table": ("table.csv", "tabel.csv", {}, ["there is no file", "did you mean 'table.csv'?"]),
    "a folder": ("table.csv", "folder.csv", {"folder.csv/x": ""}, ["folder.csv' is a folder; it must be a file"]),
    "outside what can be read": (
        "table.csv",
        "/proc/1/mem/table.csv",
        {},
        ["/proc/1/mem/table.csv' cannot be read: Not a"],
    ),
    "no such model file": ("[model]\nhidden = [4]", OWN, {}, ["model.builder: there is no file", "my_model.py"]),
    "a model file with an error": (
        "[model]\nhidden = [4]",
        OWN,
        {"my_model.py": "import keras\n1 / 0\n"},
        ["my_model.py:2: ZeroDivisionError: div"],
    ),
    "a model file that is no Python": (
        "[model]\nhidden = [4]",
        OWN,
        {"my_model.py": "def build(:\n"},
        ["my_model.py:1: SyntaxError: "],
    ),
    "a builder that raises": (
        "[model]\nhidden = [4]",
        OWN,
        {"my_model.py": BROKEN_MODEL},
        ["raised NameError: name 'no_such_name'", ".py:4)"],
    ),
    "a data function that raises": (
        'source = "table.csv"\ntarget = "y"',
        'source = "my_data.py:load"',
        {"my_data.py": "def load():\n    open('x')\n"},
        ["data.source: ", "my_data.py:2: FileNotFoundError"],
    ),
    "a data function that exits": (
        'source = "table.csv"\ntarget = "y"',
        'source = "my_data.py:load"',
        {"my_data.py": "def load():\n    raise SystemExit(3)\n"},
        ["data.source: ", "my_data.py:2: SystemExit: 3"],
    ),
    "a metric that exits": (
        "[evaluation]",
        "[evaluation]\nmetric = 'my_metric.py:score'",
        {"my_metric.py": "def score(y, p):\n    exit()\n"},
        ["evaluation.metric: ", "my_metric.py:2: SystemExit"],
    ),
    "a train_step that exits": (
        "[model]\nhidden = [4]",
        OWN,
        {"my_model.py": EXITS},
        ["model.builder: a step of its train_step raised SystemExit: no licence (train_step() in ", "my_model.py:5)"],
    ),
}


@pytest.mark.parametrize("case", [*FILES, *OTHER_FILES])
def test_own_files(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if case in FILES:
        written, more, search, expected = FILES[case]
        text = TABLE.format(more=more, search=search)
    else:
        old, new, written, expected = OTHER_FILES[case]
        text = TABLE.format(more="", search="").replace(old, new)
    for name, content in {"sweep.toml": text, "table.csv": GOOD_TABLE, **written}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    before = files(tmp_path)
    code, out, err = run_main("create", "sweep.toml", "--storage", GOOD_SQLITE, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and out == "" and len(err.splitlines()) == 1, err
    assert all(part in err for part in expected), err
    assert files(tmp_path) == before


CALLS = {
    "no such file": (["run", "mons.toml"], ["mons.toml: no such sweep file", "presets: breast-cancer, ", "moons, "]),
    "no such preset": (["run", "mons"], ["mons: no such sweep file, nor a preset", "did you mean 'moons'?"]),
    "a folder": (["run", "."], [".: cannot be read"]),
    "unknown driver": (["run", "moons", "--storage", "mysql://a/b"], ["--storage: mysql://", "sqlite:///"]),
    "no URL": (["run", "moons", "--storage", "a.db"], ["--storage: a.db is a file", "sqlite:///a.db"]),
    "no folder": (["run", "moons", "--storage", "sqlite:///no/a.db"], ["--storage: the directory no does not exist"]),
    "not SQLite": (["run", "moons", "--storage", "sqlite:///text.txt"], ["--storage", "not an SQLite database"]),
    "braces": (["run", "moons", "--storage", "postgresql://u:{x}@h/d"], ["--storage", "{ or }"]),
    "no server": (["run", "moons", "--storage", "postgresql://u:secret@127.0.0.1:1/d"], ["--storage"]),
    "out is a file": (["run", "moons", "--storage", GOOD_SQLITE, "--out", "text.txt"], ["--out: text.txt is a"]),
    "workers": (["run", "moons", "--workers", "0"], ["--workers"]),
    "nothing there": (["trials", "moons", "--storage", GOOD_SQLITE], ["--storage: there is no database"]),
    "no such worker's sweep": (["worker", "moons", "--storage", GOOD_SQLITE], ["--storage: there is no database"]),
    "unknown command": (["rum"], ["rum"]),
    "unknown option": (["run", "moons", "--worker", "2"], ["--worker"]),
    "not on loopback": (["dashboard", "--host", "0.0.0.0", "--storage", GOOD_SQLITE], ["--host", "--password-file"]),
    "no password": (
        ["dashboard", "--password-file", "/dev/null"],
        ["--password-file: the first line of /dev/null is empty"],
    ),
    "a password for all": (
        ["dashboard", "--password-file", "text.txt"],
        ["--password-file: text.txt can be read by every"],
    ),
    "a host with a port": (
        ["dashboard", "--allowed-host", "a:80"],
        ["--allowed-host: 'a:80' must be the name or address"],
    ),
    "a file for a folder": (
        ["dashboard", "--artifacts", "text.txt", "--storage", GOOD_SQLITE],
        ["--artifacts", "is a file; give a folder"],
    ),
    "a port that is none": (["dashboard", "--port", "65536"], ["--port"]),
    "no key and value": (["create", "moons", "--set", "training.epochs"], ["--set: 'training.epochs' is no KEY=VALUE"]),
    "a key set twice": (["run", "moons", "--set", "seed=1", "--set", "seed=2"], ["--set: seed is given twice"]),
    "a key that is none": (["check", "moons", "--set", "training.epoch=5"], ["training.epoch: unknown key (did you"]),
    "a value that is none": (["run", "moons", "--set", "training.epochs=few"], ["training.epochs: must be an integer"]),
    "a key in no table": (["create", "moons", "--set", "seed.x=1"], ["seed.x: seed is no table"]),
    "nothing to watch": (["status", "--watch"], ["--watch: goes with the NAME of one sweep"]),
    "watched as JSON": (["status", "moons", "--watch", "--format", "json"], ["--watch: shows a display; leave out"]),
    "options of SQLite": (["sweeps", "--storage", "sqlite:///a.db?mode=ro"], ["takes no options, got ?mode=ro"]),
}


@pytest.mark.parametrize("case", CALLS)
def test_call(case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    args, expected = CALLS[case]
    monkeypatch.chdir(tmp_path)
    Path("text.txt").write_text("no database\n")
    before = files(tmp_path)
    code, out, err = run_main(*args, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and out == "" and len(err.splitlines()) == 1, err
    assert all(part in err for part in expected), err
    assert "secret" not in err
    assert files(tmp_path) == before


def test_a_folder_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.access", lambda path, mode: Path(path) != tmp_path)  # root may write anywhere
    code, out, err = run_main("run", "moons", "--out", "a/b", capsys=capsys, monkeypatch=monkeypatch)
    assert (code, out) == (2, "") and err == f"regsearch: --out: {tmp_path} is not writable; give another folder\n"


def test_without_a_command_the_help_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run_main(capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2 and all(name in err for name in ("Usage: ", "run ", "worker ", "dashboard "))


def test_a_sweep_of_that_name_with_another_configuration(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*args: str) -> tuple[int, str, str]:
        return run_main(*args, "--storage", database_url, capsys=capsys, monkeypatch=monkeypatch)

    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(TOML)
    Path("b.toml").write_text(TOML.replace("epochs = 60", "epochs = 61"))
    assert call("create", "a.toml") == (0, "small\n", "workers join it with: regsearch worker small\n")
    assert call("create", "a.toml")[0] == 0  # the same once more is no conflict
    code, out, err = call("create", "b.toml")
    assert code == 2 and out == "" and len(err.splitlines()) == 1
    assert "training.epochs" in err and "60" in err and "61" in err and "another name" in err
    code, _, err = call("trials", "smal")
    assert code == 2 and "no sweep 'smal'" in err and "did you mean 'small'?" in err
    code, _, err = call("best", "small")
    assert code == 1 and "no configuration of sweep 'small' is finished yet" in err
    code, _, err = call("trials", "small", "--sort", "men")
    assert code == 2 and "--sort: there is no column 'men' (did you mean 'mean'?); columns are number, stage" in err
    for sql in ("DROP TABLE rs_sweeps", "DELETE FROM rs_sweeps", "SELECT 1; SELECT 2", "SELEC 1"):
        code, out, err = call("query", sql)
        assert code == 2 and out == "" and len(err.splitlines()) == 1, sql
    code, out, _ = call("query", "SELECT name FROM rs_sweeps", "--format", "csv")
    assert (code, out) == (0, "name\nsmall\n")
    code, _, err = call("export", "small", "--to", "best.xml")
    assert code in (1, 2) and not Path("best.xml").exists()
