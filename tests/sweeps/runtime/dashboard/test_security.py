"""The whole dashboard against those who mean it ill: each with the status that it gets."""

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore, upload_artifact
from optuna_dashboard import save_note, wsgi
from playwright.sync_api import Browser, Page

import storage
from regsearch.errors import InputError
from storage.database import connect
from sweeps.runtime.dashboard import Settings, page, serve
from sweeps.runtime.dashboard.guard import App, Guard
from sweeps.runtime.dashboard.logins import FREE, Logins
from sweeps.runtime.dashboard.passwords import Plain
from sweeps.runtime.dashboard.server import Limits
from sweeps.runtime.dashboard.serving import LARGEST_BODY
from tests.sweeps.runtime.dashboard.running import ask, raw, running

MARKUP = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>'
NOTE = f'{MARKUP}\n\n[link](javascript:window.hit=1) ![x](x" onerror="window.hit=1)\n\n<svg onload=window.hit=1>'
PASSWORD = "sécret"
LOGIN = {"Authorization": "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()}
LIMITS = Limits(body_bytes=LARGEST_BODY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dashboard")


@pytest.fixture(scope="module")
def artifact(folder: Path) -> str:
    """The id of an artifact of study 1, a page with a script, in the folder `store`; beside which lies a secret."""
    url = f"sqlite:///{folder}/results.db"
    engine = connect(url, write=True)
    storage.upgrade(engine)
    engine.dispose()
    (folder / "secret.txt").write_text("not to be seen")
    (folder / "a.html").write_text(f"<p>artifact</p>{MARKUP}<a href='#' onclick='window.hit=1'>click</a>")
    (folder / "store").mkdir()
    study = optuna.create_study(study_name=f"name {MARKUP}", storage=url, direction="maximize")
    trial = study.ask({f"param {MARKUP}": optuna.distributions.FloatDistribution(0, 1)})
    trial.set_user_attr(f"attribute {MARKUP}", f"value {MARKUP}")
    study.tell(trial, 0.5)
    study.tell(study.ask({f"param {MARKUP}": optuna.distributions.FloatDistribution(0, 1)}), 0.75)
    study.set_user_attr(f"attribute {MARKUP}", MARKUP)
    save_note(study, NOTE)
    save_note(trial, NOTE)
    return upload_artifact(
        artifact_store=FileSystemArtifactStore(folder / "store"), file_path=str(folder / "a.html"), study_or_trial=study
    )


@pytest.fixture(scope="module")
def dashboard(folder: Path, artifact: str) -> App:
    backend = optuna.storages.RDBStorage(f"sqlite:///{folder}/results.db")
    app: App = wsgi(optuna.storages.get_storage(backend), FileSystemArtifactStore(folder / "store"))
    return app


def guarded(app: App, *, allow_writes: bool = False, password: str | None = None) -> Guard:
    logins = None if password is None else Logins(Plain(password=password.encode()), lambda line: None)
    inner = page.Page(app=app, allow_writes=allow_writes)
    return Guard(app=inner, names=frozenset(), logins=logins, allow_writes=allow_writes)


@pytest.fixture(scope="module")
def read_only(dashboard: App) -> Iterator[int]:
    """The port of a dashboard without a password."""
    with running(guarded(dashboard), LIMITS) as port:
        yield port


@pytest.fixture
def locked(dashboard: App) -> Iterator[int]:
    """The port of a dashboard with a password, where nobody failed yet."""
    with running(guarded(dashboard, password=PASSWORD), LIMITS) as port:
        yield port


@pytest.fixture(scope="module")
def writable(dashboard: App) -> Iterator[int]:
    with running(guarded(dashboard, allow_writes=True), LIMITS) as port:
        yield port


def test_only_the_right_password_is_let_in(locked: int) -> None:
    paths = (
        "/",
        "/dashboard/",
        "/api/studies",
        "/static/bundle.js",
        "/artifacts/1/a",
        "/csv/1",
        "/nothing",
        "/favicon.ico",
    )
    assert [ask(locked, "GET", path)[0] for path in paths] == [401] * len(paths)
    assert ask(locked, "GET", "/healthz")[::2] == (200, b"ok\n")
    assert ask(locked, "GET", "/api/studies", **LOGIN)[0] == 200
    wrong = {"Authorization": "Basic " + base64.b64encode(b"me:guess").decode()}
    assert [ask(locked, "GET", "/api/studies", **wrong)[0] for _ in range(FREE + 1)] == [401] * FREE + [429]
    assert ask(locked, "GET", "/api/studies", **LOGIN)[0] == 429


def test_a_forged_host_and_a_forged_origin(read_only: int, writable: int) -> None:
    assert ask(read_only, "GET", "/api/studies", Host="evil.example")[0] == 421
    assert raw(read_only, b"GET /api/studies HTTP/1.0\r\n\r\n") == 421
    assert raw(read_only, b"GET http://evil.example/api/studies HTTP/1.1\r\nHost: evil.example\r\n\r\n") == 421
    two = b"GET /api/studies HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n"
    assert raw(read_only, two) in (400, 421)
    note = json.dumps({"body": "x", "version": 99})
    how = {"Content_Type": "application/json", "Host": f"127.0.0.1:{writable}"}
    for origin in ("http://evil.example", "null", f"http://localhost:{writable}"):
        assert ask(writable, "PUT", "/api/studies/1/note", note, Origin=origin, **how)[0] == 403
    assert ask(writable, "PUT", "/api/studies/1/note", note, **how)[0] == 403


def test_paths_lead_to_nothing_beside_the_artifacts(read_only: int, artifact: str) -> None:
    assert ask(read_only, "GET", f"/artifacts/1/{artifact}")[0] == 200
    outside = [
        "../secret.txt",
        "..%2fsecret.txt",
        "%2e%2e/secret.txt",
        "..\\secret.txt",
        "/etc/passwd",
        "%2fetc%2fpasswd",
    ]
    for path in outside:
        for start in ("/artifacts/1/", "/artifacts/1/1/", f"/artifacts/1/{artifact}/"):
            assert raw(read_only, f"GET {start}{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) == 404, (
                start + path
            )
        assert raw(read_only, f"GET /static/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()) in (403, 404), path
    assert ask(read_only, "GET", "/artifacts/1/00000000-0000-0000-0000-000000000000")[0] == 404


def test_sweeps_are_neither_made_nor_renamed_nor_deleted(read_only: int, writable: int) -> None:
    calls = [
        ("POST", "/api/studies", {"study_name": "new", "directions": ["maximize"]}),
        ("POST", "/api/studies/1/rename", {"study_name": "new"}),
        ("DELETE", "/api/studies/1", {}),
        ("POST", "/api/trials/1/tell", {"state": "fail"}),
    ]
    for port in (read_only, writable):
        own = {"Content_Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
        for method, path, body in calls:
            status, _, said = ask(port, method, path, json.dumps(body), **own)
            assert status == 403 and json.loads(said)["reason"], path
    (study,) = json.loads(ask(writable, "GET", "/api/studies")[2])["study_summaries"]
    assert study["study_name"] == f"name {MARKUP}"


def test_bodies_and_methods_that_are_not_wanted(read_only: int) -> None:
    assert ask(read_only, "POST", "/api/studies", "x" * (LARGEST_BODY + 1))[0] == 413
    assert [ask(read_only, method, "/api/studies")[0] for method in ("TRACE", "PATCH", "NONSENSE")] == [403] * 3


def test_a_request_without_accept_encoding_is_answered(read_only: int) -> None:
    for path in ("/static/bundle.js", "/favicon.ico", "/dashboard/", "/api/studies"):
        status, headers, body = ask(read_only, "GET", path)
        assert (status, headers.get("Content-Encoding")) == (200, None) and body, path
    assert ask(read_only, "GET", "/static/bundle.js", Accept_Encoding="gzip")[1]["Content-Encoding"] == "gzip"


def visit(page: Page, port: int, path: str, text: str) -> None:
    page.goto(f"http://127.0.0.1:{port}{path}")
    page.get_by_text(text).first.wait_for()


def test_markup_is_shown_and_never_run(read_only: int, artifact: str, browser: Browser) -> None:
    context = browser.new_context()
    tab = context.new_page()
    asked: list[str] = []
    tab.on("dialog", lambda dialog: asked.append("a dialog"))
    tab.on("request", lambda request: asked.append(request.url))
    shown = {
        "/dashboard/": "name <img",
        "/dashboard/studies/1": "attribute <img",
        "/dashboard/studies/1/analytics": "Hyperparameter Relationships",
        "/dashboard/studies/1/trials": "value <img",
        "/dashboard/compare-studies?ids=1": "name <img",
        "/dashboard/studies/1/note": "link",
    }
    for path, text in shown.items():
        visit(tab, read_only, path, text)
        assert tab.evaluate("window.hit") is None, path
    visit(tab, read_only, f"/artifacts/1/{artifact}", "artifact")
    tab.get_by_text("click").click()
    assert tab.evaluate("window.hit") is None
    assert all(url.startswith((f"http://127.0.0.1:{read_only}/", "data:", "blob:")) for url in asked), asked
    context.close()


def test_read_only_hides_what_it_refuses_under_a_banner(read_only: int, browser: Browser) -> None:
    tab = browser.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    visit(tab, read_only, "/dashboard/", "name <img")
    banner = tab.locator("#regsearch-banner")
    assert banner.is_visible() and banner.inner_text().startswith("Read-only: --allow-writes lets notes")
    assert tab.get_by_role("button", name="Reload").is_visible()
    for hidden in ("rename study", "delete study", "Create"):
        assert tab.get_by_role("button", name=hidden).count() == 0, hidden
    visit(tab, read_only, "/dashboard/studies/1/trials", "value <img")
    assert tab.get_by_test_id("EditIcon").count() > 0
    assert not any(icon.is_visible() for icon in tab.get_by_test_id("EditIcon").all())
    assert not any(card.is_visible() for card in tab.get_by_text("Upload a New").all())
    assert not any(button.is_visible() for button in tab.get_by_label("delete artifact").all())
    assert said == []
    tab.close()


def test_with_writes_a_note_is_edited_in_the_page(writable: int, browser: Browser) -> None:
    tab = browser.new_page()
    visit(tab, writable, "/dashboard/", "name <img")
    assert tab.locator("#regsearch-banner").count() == 0
    assert tab.get_by_role("button", name="delete study").count() == 0
    visit(tab, writable, "/dashboard/studies/1/note", "link")
    tab.get_by_role("button").filter(has=tab.get_by_test_id("EditIcon")).click()
    tab.locator("textarea").first.fill("edited by hand")
    with tab.expect_response(lambda answer: answer.request.method == "PUT") as saved:
        tab.get_by_role("button", name="Save").click()
    assert saved.value.status == 204
    tab.close()
    assert "edited by hand" in ask(writable, "GET", "/api/studies/1")[2].decode()


def test_a_browser_logs_in(locked: int, browser: Browser) -> None:
    context = browser.new_context(http_credentials={"username": "me", "password": PASSWORD})
    visit(context.new_page(), locked, "/dashboard/", "name <img")
    (cookie,) = context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("regsearch", True, "Strict")
    context.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org"])
def test_an_address_that_others_can_reach_needs_a_password(host: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^--host: others can reach .*: give --password-file"):
        serve(f"sqlite:///{tmp_path}/a.db", Settings(host=host))


def test_uploads_show_where_they_are_allowed(read_only: int, writable: int, browser: Browser) -> None:
    tab = browser.new_page()
    found = []
    for port in (writable, read_only):
        visit(tab, port, "/dashboard/studies/1", "attribute <img")
        found.append([card.is_visible() for card in tab.get_by_text("Upload a New File").all()])
    tab.close()
    assert found == [[True], [False]]


def test_a_port_that_is_taken_is_one_line(folder: Path, artifact: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            InputError, match=rf"^--port: cannot listen on 127\.0\.0\.1:{port}: Address already in use$"
        ):
            serve(f"sqlite:///{folder}/results.db", Settings(port=port))
