"""Who may see the dashboard, and who may change something through it."""

import base64
from pathlib import Path
from typing import Any

import pytest

from regsearch.errors import InputError
from sweeps.runtime.dashboard import Guard, serve


def ask(guard: Guard, method: str = "GET", password: str | None = None, header: str | None = None) -> str:
    """The status that a request gets; the app behind the guard always says 200."""
    said: list[str] = []
    environ = {"REQUEST_METHOD": method}
    if password is not None:
        header = "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()
    if header is not None:
        environ["HTTP_AUTHORIZATION"] = header
    list(guard(environ, lambda status, headers: said.append(status)))
    return said[0][:3]


def app(environ: dict[str, Any], start: Any) -> list[bytes]:
    start("200 OK", [])
    return [b""]


def test_reading_is_free_and_writing_is_refused() -> None:
    guard = Guard(app=app, password=None, allow_writes=False)
    assert [ask(guard, m) for m in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")] == ["200"] * 2 + ["403"] * 4
    assert ask(Guard(app=app, password=None, allow_writes=True), "POST") == "200"


def test_a_password_is_asked_for_and_compared_whole() -> None:
    guard = Guard(app=app, password="pässword:1", allow_writes=True)
    assert ask(guard, password="pässword:1") == "200"
    wrong = [ask(guard), ask(guard, password=""), ask(guard, password="pässword"), ask(guard, password="pässword:12")]
    odd = [ask(guard, header=h) for h in ("", "Basic", "Basic !", "Bearer abc", "Basic " + "é" * 3)]
    assert set(wrong + odd) == {"401"}


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::", "example.org"])
def test_an_address_that_others_can_reach_needs_a_password(host: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--password-file"):
        serve(f"sqlite:///{tmp_path}/a.db", host=host)


@pytest.mark.parametrize(("text", "problem"), [("", "is empty"), ("\nsecret\n", "is empty"), (None, "cannot be read")])
def test_a_password_file_without_a_password(text: str | None, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InputError, match=problem):
        serve(f"sqlite:///{tmp_path}/a.db", password_file=file)
