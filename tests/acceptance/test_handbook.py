"""The handbook: it builds, its pages are played, and it has a page for what users ask."""

import re
import shutil
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.docs_pages import COLUMNS, DOCS, PAGES, play, same

ROOT = DOCS.parent
COMMANDS = [sys.executable, "-m", "typer", "sweeps.cli.main", "utils", "docs", "--name", "regsearch"]
QUESTIONS = {  # as users of Optuna, KerasTuner and scikit-learn ask them, and where the answer stands
    "My network overfits, what do I do?": "how-to/overfitting.md#my-model-overfits",
    "L1 or L2, and which lambda?": "how-to/overfitting.md#which-penalty-and-how-strong",
    "Does weight regularization make sense beside dropout?": (
        "how-to/overfitting.md#when-dropout-or-batchnormalization-are-there-already"
    ),
    "Which layers should be regularized?": "how-to/which-layers.md#which-layers",
    "Should biases be regularized?": "how-to/which-layers.md#biases",
    "How do I give every layer its own lambda?": "how-to/which-layers.md#a-strength-of-its-own-for-each-layer",
    "How do I average over several trainings per trial?": "how-to/how-many-repeats.md#how-many-repeats",
    "Is the best trial really better?": "how-to/how-many-repeats.md#is-the-gain-real",
    "How do I search over a pandas DataFrame or a CSV?": "how-to/your-data.md#a-table",
    "How do I tune a network on images?": "how-to/your-data.md#arrays-images-sequences",
    "How do I cross-validate a Keras model?": "how-to/your-data.md#split-by-rows-time-groups-or-folds",
    "How do I handle imbalanced classes?": "how-to/your-data.md#labels-that-are-imbalanced",
    "How do I search from X and y in a notebook?": "how-to/notebook.md#from-x-and-y",
    "Does it work in a scikit-learn Pipeline?": "how-to/scikit-learn.md#in-a-scikit-learn-pipeline",
    "Would more data help more than tuning?": "how-to/more-data.md#would-more-data-help",
    "Is a neural network the right model at all?": "how-to/more-data.md#should-it-be-a-network-at-all",
    "How does it compare with KerasTuner or Ray Tune?": "other-tools.md#beside-other-tools",
    "How do I share the results with somebody?": "how-to/results.md#a-report-to-send",
    "Can I use my own metric?": "how-to/your-code.md#a-metric-of-your-own",
    "Can I use a custom train_step?": "how-to/your-code.md#a-training-step-of-your-own",
    "How long will the search take?": "how-to/before-you-start.md#how-long-it-will-take",
    "How do I stop early, or after half an hour?": "how-to/before-you-start.md#when-to-stop",
    "How do I resume a study after a crash?": "how-to/it-failed.md#it-was-killed-or-the-machine-went-down",
    "What happens to trials with NaN?": "how-to/it-failed.md#a-configuration-diverged",
    "How do I run trials in parallel on several machines?": "how-to/several-machines.md#several-machines_1",
    "How do I export trials to a DataFrame?": "how-to/results.md#a-table-of-all-configurations",
    "How do I save the best model?": "how-to/use-the-winner.md#as-a-trained-model",
    "How do I predict on new data?": "how-to/use-the-winner.md#to-predict-new-rows",
    "How do I run it on a Kubernetes or SLURM cluster?": "operations.md#kubernetes",
    "How do I put the dashboard behind HTTPS?": "operations.md#tls",
    "How do I upgrade an existing database?": "how-to/upgrade.md#upgrade",
    "Why are my results not reproducible?": "how-to/same-numbers.md#the-same-numbers-twice",
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The handbook, built from a copy so that the checkout stays as it is."""
    folder = tmp_path_factory.mktemp("handbook")
    shutil.copytree(DOCS, folder / "docs")
    for name in ("zensical.toml", "CHANGELOG.md"):
        shutil.copy(ROOT / name, folder)
    command = [Path(sys.executable).with_name("zensical"), "build", "--strict"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reader")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_what_its_commands_print(page: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)  # one folder for all: later pages go on from earlier ones
    monkeypatch.setenv("COLUMNS", COLUMNS)
    monkeypatch.delenv("REGSEARCH_STORAGE", raising=False)
    for each in play((DOCS / page).read_text("utf-8")):
        refused = "\nregsearch: " in f"\n{each.shown}"
        assert each.code == (2 if refused else 0), f"$ {each.command}\n{each.printed}"
        assert same(each.shown, each.printed), f"$ {each.command}\n{each.printed}"


def test_the_reference_of_commands_is_what_the_commands_say() -> None:
    done = subprocess.run(COMMANDS, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert (DOCS / "cli.md").read_text("utf-8").strip() == done.stdout.strip(), " ".join(COMMANDS[1:])


@pytest.mark.parametrize("question", QUESTIONS)
def test_there_is_a_place_for_what_users_ask(question: str, site: Path) -> None:
    page, _, heading = QUESTIONS[question].partition("#")
    text = (site / page).with_suffix(".html").read_text("utf-8")
    section = re.search(rf'<h[12] id="{heading}".*?(?=<h[12] id=|</article>)', text, re.S)
    assert section is not None, QUESTIONS[question]
    assert len(re.sub(r"<[^>]*>", "", section[0]).split()) > 15


def test_every_page_is_in_the_navigation(site: Path) -> None:
    home = (site / "index.html").read_text("utf-8")
    for page in DOCS.rglob("*.md"):
        name = page.relative_to(DOCS).with_suffix(".html").as_posix()
        assert page.name == "index.md" or f'{name}"' in home, name


def test_no_page_needs_the_network(site: Path, browser) -> None:
    requests, problems = [], []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_port}/"
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        for path in sorted(site.rglob("*.html")):
            page.goto(f"{here}{path.relative_to(site).as_posix()}")
        page.goto(here)
        page.keyboard.press("Control+k")
        page.keyboard.type("seeds rows standard error")
        page.get_by_role("link", name=re.compile("How many repeats")).first.wait_for()
        page.close()
        server.shutdown()
    assert [url for url in requests if not url.startswith((here, "blob:", "data:"))] == []
    assert problems == []
