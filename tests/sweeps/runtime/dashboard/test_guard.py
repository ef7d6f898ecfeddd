"""Which requests reach the app behind the guard, and with which headers it answers."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sweeps.runtime.dashboard.guard import Guard
from sweeps.runtime.dashboard.logins import FREE, Logins
from sweeps.runtime.dashboard.passwords import Plain


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: str


def app(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
    """Answers what it was asked, as optuna-dashboard's artifacts do."""
    start("200 OK", [("Access-Control-Allow-Origin", "*"), ("X-Content-Type-Options", "none")])
    yield f"{environ['PATH_INFO']} {environ['HTTP_ACCEPT_ENCODING']}".encode()


def ask(guard: Guard, method: str = "GET", path: str = "/", password: str | None = None, **headers: str) -> Answer:
    said: list[Any] = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_HOST": "localhost:8080", "REMOTE_ADDR": "127.0.0.1"}
    if password is not None:
        environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()
    body = b"".join(guard(environ | headers, lambda *of: said.extend(of)))
    return Answer(status=int(said[0][:3]), headers=dict(said[1]), body=body.decode())


def guard(allow_writes: bool = False, password: str | None = None, names: frozenset[str] = frozenset()) -> Guard:
    logins = None if password is None else Logins(Plain(password=password.encode()), lambda line: None, lambda: 0.0)
    return Guard(app=app, names=names, logins=logins, allow_writes=allow_writes)


def test_reading_is_free_and_writing_is_refused() -> None:
    methods = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "NONSENSE")
    assert [ask(guard(), method).status for method in methods] == [200] * 3 + [403] * 6
    refused = ask(guard(), "DELETE", "/api/studies/1")
    assert refused.headers["Content-Type"] == "application/json"
    assert json.loads(refused.body)["reason"].startswith("this dashboard is read-only; with --allow-writes")


WRITES = ["PUT /api/studies/1/note", "PUT /api/studies/1/2/note", "POST /api/trials/2/user-attrs"]
WRITES += ["POST /api/artifacts/1", "POST /api/artifacts/1/2/", "DELETE /api/artifacts/1/2/00aF-9"]
UPLOADS = WRITES[3:]
REFUSED = ["POST /api/studies", "DELETE /api/studies/1", "POST /api/studies/1/rename", "POST /api/trials/2/tell"]
REFUSED += ["POST /api/studies/1/preference", "POST /incompatible-rdb-schema", "PATCH /api/studies/1/note"]
REFUSED += ["DELETE /api/artifacts/1/../../x", "POST /api/studies/1/2/skip", "PUT /api/studies/1/note/x"]


def test_with_writes_allowed_sweeps_are_still_not_changed() -> None:
    allowed = guard(allow_writes=True)
    own = {"HTTP_ORIGIN": "http://localhost:8080"}
    for method, _, path in (line.partition(" ") for line in WRITES):
        assert ask(allowed, method, path, **own).status == 200, path
    for method, _, path in (line.partition(" ") for line in REFUSED):
        answer = ask(allowed, method, path, **own)
        assert answer.status == 403 and "`regsearch delete`" in answer.body, path


def test_without_a_place_for_files_none_are_taken() -> None:
    nowhere, own = replace(guard(allow_writes=True), uploads=False), {"HTTP_ORIGIN": "http://localhost:8080"}
    answers = [ask(nowhere, method, path, **own) for method, _, path in (line.partition(" ") for line in WRITES)]
    assert [answer.status for answer in answers] == [200] * (len(WRITES) - len(UPLOADS)) + [403] * len(UPLOADS)
    assert "--artifacts FOLDER" in answers[-1].body


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "", "http://localhost:8081", "http://localhost", None]
)
def test_writes_come_from_the_dashboards_own_page(origin: str | None) -> None:
    headers = {} if origin is None else {"HTTP_ORIGIN": origin}
    answer = ask(guard(allow_writes=True), "PUT", "/api/studies/1/note", **headers)
    assert answer.status == 403 and "from another page" in answer.body


def test_behind_a_proxy_that_adds_tls_the_origin_is_the_dashboards_own() -> None:
    proxied = guard(allow_writes=True, names=frozenset({"sweeps.example.org"}))
    names = {"HTTP_HOST": "sweeps.example.org", "HTTP_ORIGIN": "https://sweeps.example.org"}
    assert ask(proxied, "PUT", "/api/studies/1/note", **names).status == 200


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example:8080"])
def test_a_forged_host_is_told_apart(host: str) -> None:
    answer = ask(guard(), HTTP_HOST=host)
    assert answer.status == 421 and "--allowed-host" in answer.body
    assert ask(guard(password="secret"), password="secret", HTTP_HOST=host).status == 421


def test_a_password_is_asked_for_and_given_a_cookie() -> None:
    locked = guard(password="secret")
    answer = ask(locked)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="regsearch", charset="UTF-8"')
    assert ask(locked, password="secret").headers["Set-Cookie"].startswith("regsearch=")
    assert [ask(locked, password="wrong").status for _ in range(FREE + 1)] == [401] * FREE + [429]
    assert ask(locked, password="secret").headers["Retry-After"] == "1"


def test_health_needs_no_login_and_no_name() -> None:
    locked = guard(password="secret")
    for host in ("10.0.0.7:8080", ""):
        answer = ask(locked, path="/healthz", HTTP_HOST=host)
        assert (answer.status, answer.body) == (200, "ok\n")
    assert ask(locked, "HEAD", "/healthz").body == ""
    assert ask(locked, path="/healthz/../api/studies").status == 401


def test_every_answer_has_the_headers() -> None:
    expected = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
    expected |= {"Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}
    answers = [ask(guard()), ask(guard(), "POST"), ask(guard(), HTTP_HOST="x"), ask(guard(password="x"))]
    answers += [ask(guard(), path=path) for path in ("/healthz", "/static/bundle.js", "/artifacts/1/a")]
    for answer in answers:
        assert answer.headers.items() >= expected.items()
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert "; sandbox;" in answers[-1].headers["Content-Security-Policy"]
    assert [answer.headers.get("Cache-Control") for answer in answers[-2:]] == [None, "no-store"]


def test_a_request_without_accept_encoding_reaches_the_app_with_one() -> None:
    assert ask(guard(), path="/a").body == "/a "
    assert ask(guard(), path="/a", HTTP_ACCEPT_ENCODING="gzip").body == "/a gzip"
