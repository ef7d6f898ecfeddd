"""Who may see the dashboard: HTTP's Basic login, with each failure logged and further ones slowed down."""

import base64
import hmac
import ipaddress
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

from sweeps.runtime.dashboard.passwords import Hash, Plain

FREE = 5  # failed logins from one address before the first pause
LONGEST_PAUSE_S = 60.0
FORGOTTEN_S = 900.0  # after the last failure
ADDRESSES = 1000  # at most whose failures are remembered
COOKIE = "regsearch"


@dataclass(kw_only=True)
class _Failures:
    count: int = 0
    last_s: float = 0.0

    def pause_s(self) -> float:
        return min(2.0 ** (self.count - FREE), LONGEST_PAUSE_S) if self.count >= FREE else 0.0


class Logins:
    """Tells logins with the right password, of any user, from others. Safe to share between threads.

    After `FREE` failures an address must wait, twice as long after each, and what it sends until then is not looked at.
    Behind a proxy all have one address; so a browser that logged in keeps a cookie, which spares it that wait and
    nothing else.

    Args:
        password: the right one.
        log: called with a line for each failed login; no part of it is what the browser sent.
        clock: the time, in seconds.
    """

    def __init__(
        self, password: Hash | Plain, log: Callable[[str], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._password = password
        self._log = log
        self._clock = clock
        self._failures: dict[str, _Failures] = {}
        self._lock = threading.Lock()  # also so that one hash is calculated at a time: each takes memory
        self._key = secrets.token_bytes(32)
        self._known = b""  # the right password's digest, so that not each request costs a hash
        self._token = secrets.token_urlsafe(32)

    def wait_s(self, environ: Mapping[str, Any]) -> float:
        """Return how long a browser must wait before it may try once more."""
        with self._lock:
            return self._wait_s(environ)

    def is_right(self, environ: Mapping[str, Any]) -> bool:
        """Return whether a request carries the right password; a wrong one counts as a failure."""
        given = _given(environ.get("HTTP_AUTHORIZATION", ""))
        if given is None:
            return False
        digest = hmac.digest(self._key, given, "sha256")
        if hmac.compare_digest(digest, self._known):
            return True
        with self._lock:
            if self._wait_s(environ) > 0:  # others failed while this waited for the lock
                return False
            if self._password.matches(given):
                self._known = digest
                return True
            self._failed(_network(environ))
        return False

    def cookie(self, environ: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return the header that gives a browser with the right password its cookie, if it has none."""
        if self._has_cookie(environ):
            return []
        return [("Set-Cookie", f"{COOKIE}={self._token}; Path=/; HttpOnly; SameSite=Strict")]

    def _has_cookie(self, environ: Mapping[str, Any]) -> bool:
        try:
            found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(COOKIE)
        except CookieError:
            return False
        return found is not None and hmac.compare_digest(found.value.encode(), self._token.encode())

    def _wait_s(self, environ: Mapping[str, Any]) -> float:
        failures = self._failures.get(_network(environ))
        if failures is None or self._has_cookie(environ):
            return 0.0
        return failures.last_s + failures.pause_s() - self._clock()

    def _failed(self, network: str) -> None:
        now = self._clock()
        failures = self._failures.pop(network, _Failures())
        count = 1 if now - failures.last_s > FORGOTTEN_S else failures.count + 1
        if len(self._failures) >= ADDRESSES:
            del self._failures[next(iter(self._failures))]  # the one that failed longest ago
        self._failures[network] = new = _Failures(count=count, last_s=now)
        self._log(f"failed login from {network}, failure {count}; it must wait {new.pause_s():g} s")


def _given(header: str) -> bytes | None:
    """Return the password in an Authorization header; None without one."""
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded, validate=True).partition(b":")[2]
    except ValueError:
        return b""


def _network(environ: Mapping[str, Any]) -> str:
    """Return whom an address belongs to: of the sixth version, the 64 bits that one customer has."""
    address = environ.get("REMOTE_ADDR", "")
    if ":" not in address:
        return str(address)
    try:
        return str(ipaddress.ip_network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return str(address)
