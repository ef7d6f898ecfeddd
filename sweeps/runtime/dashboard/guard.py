"""Which requests reach the dashboard, and which headers its answers carry."""

import json
import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sweeps.runtime.dashboard.hosts import is_allowed
from sweeps.runtime.dashboard.logins import Logins

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Headers = list[tuple[str, str]]

READING = ("GET", "HEAD", "OPTIONS")
HEALTH = "/healthz"
WRITES = re.compile(  # a method and a path
    r"PUT /api/studies/\d+(/\d+)?/note|POST /api/trials/\d+/user-attrs"
    r"|POST /api/artifacts/\d+(/\d+)?|DELETE /api/artifacts/\d+(/\d+)?/[0-9a-fA-F-]+"
)
READ_ONLY = "this dashboard is read-only; with --allow-writes it lets notes, tags and artifacts be changed"
NOT_HERE = (
    "only notes, tags and artifacts are changed here; sweeps are made, renamed and deleted by `regsearch create`, "
    "`regsearch rename` and `regsearch delete`, with all that belongs to them"
)

NO_FILES = "this dashboard has no place for files; --artifacts FOLDER gives it one"

NOTHING_RUNS = "default-src 'none'; frame-ancestors 'none'"
ARTIFACT = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
OURS: Headers = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),  # not no-referrer, which makes browsers send Origin: null
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
REPLACED = {
    "access-control-allow-origin",
    *(name.lower() for name, _ in OURS),
}  # the first lets any page read artifacts


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """An answer instead of the dashboard's."""

    status: str
    reason: str
    headers: Headers = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """Lets requests through to an app.

    Args:
        app: the WSGI app behind it.
        names: what it may be called beside the loopback's names, as `hosts.allowed_names` gives them.
        logins: whom a password is asked for; None for no question.
        allow_writes: whether notes, tags and artifacts may be changed.
        uploads: whether there is a place for files that are uploaded.
    """

    app: App
    names: frozenset[str]
    logins: Logins | None
    allow_writes: bool
    uploads: bool = True

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path = environ.get("PATH_INFO", "")
        environ.setdefault("HTTP_ACCEPT_ENCODING", "")  # without which the dashboard fails
        if path == HEALTH:
            return _answer(environ, start, Refusal(status="200 OK", reason="ok"))
        refusal = self._wrong_name(environ) or self._no_login(environ) or self._no_write(environ)
        if refusal is not None:
            return _answer(environ, start, refusal)
        cookie = [] if self.logins is None else self.logins.cookie(environ)
        return self.app(environ, _with_headers(start, path, cookie))

    def _wrong_name(self, environ: dict[str, Any]) -> Refusal | None:
        if is_allowed(environ.get("HTTP_HOST", ""), self.names):
            return None
        reason = "this dashboard does not answer to that name; --allowed-host NAME lets it"
        return Refusal(status="421 Misdirected Request", reason=reason)

    def _no_login(self, environ: dict[str, Any]) -> Refusal | None:
        if self.logins is None:
            return None
        if (wait_s := self.logins.wait_s(environ)) > 0:
            after = [("Retry-After", str(math.ceil(wait_s)))]
            return Refusal(status="429 Too Many Requests", reason="too many failed logins; wait", headers=after)
        if self.logins.is_right(environ):
            return None
        ask = [("WWW-Authenticate", 'Basic realm="regsearch", charset="UTF-8"')]
        return Refusal(status="401 Unauthorized", reason="the password is missing or wrong", headers=ask)

    def _no_write(self, environ: dict[str, Any]) -> Refusal | None:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "").rstrip("/")
        if method in READING:
            return None
        if not self.allow_writes:
            return Refusal(status="403 Forbidden", reason=READ_ONLY)
        if not WRITES.fullmatch(f"{method} {path}"):
            return Refusal(status="403 Forbidden", reason=NOT_HERE)
        if not self.uploads and path.startswith("/api/artifacts/"):
            return Refusal(status="403 Forbidden", reason=NO_FILES)
        own = {f"{scheme}://{environ['HTTP_HOST'].lower()}" for scheme in ("http", "https")}  # a proxy may add the s
        if environ.get("HTTP_ORIGIN", "").lower() in own:
            return None
        return Refusal(status="403 Forbidden", reason="this comes from another page than the dashboard's own")


def _answer(environ: dict[str, Any], start: Callable[..., Any], refusal: Refusal) -> Iterable[bytes]:
    path = environ.get("PATH_INFO", "")
    of_api = path.startswith("/api/")  # whose answers the page reads, to show the reason
    body = (json.dumps({"reason": refusal.reason}) if of_api else f"{refusal.reason}\n").encode()
    kind = "application/json" if of_api else "text/plain; charset=utf-8"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), *refusal.headers]
    _with_headers(start, path, [])(refusal.status, headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _with_headers(start: Callable[..., Any], path: str, more: Headers) -> Callable[..., Any]:
    """Return what starts an answer, with the headers that keep browsers from doing more with it than is meant."""

    def started(status: str, headers: Headers, *error: Any) -> Any:
        kept = [(name, value) for name, value in headers if name.lower() not in REPLACED]
        names = {name.lower() for name, _ in kept}
        if "content-security-policy" not in names:
            kept.append(("Content-Security-Policy", ARTIFACT if path.startswith("/artifacts/") else NOTHING_RUNS))
        if "cache-control" not in names and not path.startswith("/static/"):
            kept.append(("Cache-Control", "no-store"))
        return start(status, [*kept, *OURS, *more], *error)

    return started
