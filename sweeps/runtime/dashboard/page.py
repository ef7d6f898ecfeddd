"""The dashboard's page, without the buttons for what is refused, and with a banner that says so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sweeps.runtime.dashboard.guard import READING, App

BANNER = (
    '<div id="regsearch-banner" role="note">Read-only: <code>--allow-writes</code> lets notes, tags and artifacts be '
    "edited; <code>regsearch rename</code> and <code>delete</code> change sweeps.</div>"
)
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "style-src 'self' 'unsafe-inline'",
        "script-src 'self' 'unsafe-eval'",  # plotly's parallel coordinates compile what they draw with
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Answers for the page that all of the dashboard runs in; hands the rest on.

    Args:
        app: optuna-dashboard.
        allow_writes: whether the page may show what changes notes, tags and artifacts.
        uploads: whether it may show where files are uploaded.
    """

    app: App
    allow_writes: bool
    uploads: bool = True

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one request."""
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        if method not in READING or not (path == "/dashboard" or path.startswith("/dashboard/")):
            return self.app(environ, start)
        body = _html(self.allow_writes, self.uploads)
        length = ("Content-Length", str(len(body)))
        start("200 OK", [("Content-Type", "text/html; charset=utf-8"), length, ("Content-Security-Policy", POLICY)])
        return [] if method == "HEAD" else [body]


@cache
def _html(allow_writes: bool, uploads: bool) -> bytes:
    """Return optuna-dashboard's index.html with our style and, where nothing can be changed, the banner."""
    html = (resources.files("optuna_dashboard") / "index.html").read_text("utf-8")
    style = (resources.files("sweeps.runtime.dashboard") / "page.css").read_text("utf-8")
    html = html.replace("</head>", f"<style>\n{style}</style>\n</head>", 1)
    if not allow_writes:
        html = html.replace("<html ", '<html class="read-only no-uploads" ', 1)
        html = html.replace("<body>", f"<body>\n{BANNER}", 1)
    elif not uploads:
        html = html.replace("<html ", '<html class="no-uploads" ', 1)
    return html.encode()
