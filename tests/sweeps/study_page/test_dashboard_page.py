"""The dashboard of a finished sweep in a real browser, with our note and figures in it, on both databases."""

import json
from collections.abc import Iterator
from typing import Any

import optuna
import pytest
from optuna_dashboard import wsgi
from playwright.sync_api import Browser, Page

import storage
from sweeps.analysis.answer import answer
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.plots.interactive.figures import interactive_figures
from sweeps.run import run
from sweeps.runtime.dashboard import page
from sweeps.runtime.dashboard.guard import Guard
from sweeps.runtime.dashboard.server import Limits
from sweeps.runtime.dashboard.serving import LARGEST_BODY
from sweeps.study_page import DrawnArtifacts
from tests.sweeps.runtime.dashboard.running import running
from tests.sweeps.small import small

pytestmark = pytest.mark.filterwarnings("ignore:Some regimes for parameter")  # the dashboard's own importances

DRAWN = """
() => [...document.querySelectorAll('.js-plotly-plot')].filter(each => each.layout.title?.text).map(each => ({
    title: each.layout.title.text,
    traces: each.data.map(({name, x, y}) => ({name, x, y})),
    shown: each.querySelector('.gtitle')?.textContent,
    points: each.querySelectorAll('.scatterlayer .trace').length,
}))
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with a finished sweep."""
    made = f"sqlite:///{tmp_path_factory.mktemp('page')}/results.db"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        made = server.url(server.new_database())
    run(small(search={"regularizers": ["none", "l2", "l1"]}), storage=made, progress=False)
    return made


@pytest.fixture(scope="module")
def address(url: str) -> Iterator[str]:
    """Where a read-only dashboard over it listens."""
    backend = optuna.storages.RDBStorage(url)
    dashboard = wsgi(optuna.storages.get_storage(backend), DrawnArtifacts(url))
    inner = page.Page(app=dashboard, allow_writes=False)
    guard = Guard(app=inner, names=frozenset(), logins=None, allow_writes=False)
    with running(guard, Limits(body_bytes=LARGEST_BODY)) as port:
        yield f"http://127.0.0.1:{port}"
    backend.engine.dispose()


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Page]:
    """A tab that may say nothing to the console and ask nobody but the dashboard."""
    opened, said, asked = browser.new_page(viewport={"width": 1400, "height": 1000}), list[str](), list[str]()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda request: asked.append(request.url))
    yield opened
    opened.close()
    assert said == []
    assert asked and all(each.startswith((f"{address}/", "data:", "blob:")) for each in asked), asked


def test_the_figures_are_drawn_with_our_data(tab: Page, address: str, url: str) -> None:
    with storage.open(url) as results:
        snapshot = load_snapshot(results, "small")
        with results.at_one_moment("small") as reader:
            wanted = interactive_figures(snapshot, reader.end_times())
    tab.goto(f"{address}/dashboard/studies/1")
    for figure in wanted.values():
        tab.locator(".gtitle").get_by_text(figure.title).wait_for()
    found = {each["title"]: each for each in tab.evaluate(DRAWN)}

    assert set(found) == {figure.title for figure in wanted.values()} and len(found) == 6
    for figure in wanted.values():
        shown, data = found[figure.title], json.loads(figure.to_json())["data"]
        assert shown["shown"] == figure.title
        assert shown["traces"] == [{name: trace[name] for name in ("name", "x", "y")} for trace in data]
        assert shown["points"] == sum(trace.get("visible") != "legendonly" for trace in data)


def test_report_and_pictures_are_artifacts(tab: Page, address: str) -> None:
    tab.goto(f"{address}/dashboard/studies/1")
    for name in ("report.html", "comparison.png", "lambda.png", "learning_curves.png"):
        tab.get_by_text(name, exact=True).wait_for()
    loaded = "() => [...document.images].map(each => each.naturalWidth).filter(width => width >= 800).length >= 3"
    tab.wait_for_function(loaded)
    assert not any(card.is_visible() for card in tab.get_by_text("Upload a New File").all())


def test_the_note_is_shown_and_cannot_be_edited(tab: Page, address: str, url: str) -> None:
    with storage.open(url) as results:
        found = answer(load_snapshot(results, "small"))
    tab.goto(f"{address}/dashboard/studies/1/note")
    tab.get_by_role("heading", name="small: which regularization").wait_for()
    winner = f"Winner: {found.winner.configuration} on hidden kernel: mean validation accuracy {found.winner.mean:.4f}"
    assert tab.get_by_text(winner).is_visible()
    assert tab.get_by_role("heading", name="Beside the dashboard's best trial").is_visible()
    assert tab.get_by_text("regsearch export small --to best.py").count() == 1
    assert tab.get_by_text('name = "small"').count() == 1
    assert not any(icon.is_visible() for icon in tab.get_by_test_id("EditIcon").all())
    refused: Any = tab.request.put(f"{address}/api/studies/1/note", data={"body": "mine", "version": 99})
    assert refused.status == 403
