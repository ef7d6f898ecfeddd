"""Failed logins are logged and slowed down; right ones are not."""

import base64

import pytest

from sweeps.runtime.dashboard.logins import ADDRESSES, FORGOTTEN_S, FREE, LONGEST_PAUSE_S, Logins
from sweeps.runtime.dashboard.passwords import Plain


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Counting:
    """A password that counts how often it was looked at."""

    looks = 0

    def matches(self, given: bytes) -> bool:
        self.looks += 1
        return given == b"secret"


def request(password: str | None = None, address: str = "10.0.0.1", **more: str) -> dict[str, str]:
    header = {} if password is None else {"HTTP_AUTHORIZATION": basic(password)}
    return {"REMOTE_ADDR": address, **header, **more}


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{password}".encode()).decode()


@pytest.fixture
def log() -> list[str]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def logins(log: list[str], clock: Clock) -> Logins:
    return Logins(Plain(password="pässword:1".encode()), log.append, clock)


def test_the_right_password_of_any_user_is_let_in(logins: Logins, log: list[str]) -> None:
    assert logins.is_right(request("pässword:1")) and logins.is_right(request("pässword:1"))
    assert log == []


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic " + "é" * 3, basic(""), basic("pässword:12")])
def test_others_are_failures(header: str, logins: Logins, log: list[str]) -> None:
    assert not logins.is_right(request(HTTP_AUTHORIZATION=header))
    assert log == ["failed login from 10.0.0.1, failure 1; it must wait 0 s"]


@pytest.mark.parametrize("header", [None, "", "Bearer abc", "Negotiate abc"])
def test_a_browser_that_was_not_asked_yet_has_not_failed(header: str | None, logins: Logins, log: list[str]) -> None:
    assert not logins.is_right(request() if header is None else request(HTTP_AUTHORIZATION=header))
    assert log == []


def test_pauses_grow_to_the_longest_and_are_forgotten(logins: Logins, log: list[str], clock: Clock) -> None:
    pauses = []
    for _ in range(FREE + 8):
        clock.now_s += logins.wait_s(request())
        assert not logins.is_right(request("wrong"))
        pauses.append(logins.wait_s(request()))
    assert pauses == [0.0] * (FREE - 1) + [1.0, 2.0, 4.0, 8.0, 16.0, 32.0] + [LONGEST_PAUSE_S] * 3
    assert len(log) == len(pauses) and log[-1].endswith(f"failure {len(pauses)}; it must wait 60 s")
    assert logins.wait_s(request(address="10.0.0.2")) == 0.0
    clock.now_s += FORGOTTEN_S + 1
    assert not logins.is_right(request("wrong"))
    assert log[-1].endswith("failure 1; it must wait 0 s")


def test_within_a_pause_not_even_the_right_password_is_looked_at(log: list[str], clock: Clock) -> None:
    password = Counting()
    logins = Logins(password, log.append, clock)  # type: ignore[arg-type]
    for _ in range(FREE):
        logins.is_right(request("wrong"))
    assert not logins.is_right(request("secret")) and password.looks == FREE
    clock.now_s += 1.0
    assert logins.is_right(request("secret")) and logins.is_right(request("secret"))
    assert password.looks == FREE + 1  # known by then


def test_a_browser_that_logged_in_does_not_wait_for_others(logins: Logins) -> None:
    ((name, value),) = logins.cookie(request("pässword:1"))
    assert name == "Set-Cookie" and value.endswith("; Path=/; HttpOnly; SameSite=Strict")
    known = {"HTTP_COOKIE": value.partition(";")[0]}
    assert logins.cookie(request("pässword:1", **known)) == []
    for _ in range(FREE + 1):
        logins.is_right(request("wrong"))
    assert logins.wait_s(request()) > 0 and logins.wait_s(request(HTTP_COOKIE="regsearch=abc")) > 0
    assert logins.wait_s(request(**known)) == 0.0
    assert logins.is_right(request("pässword:1", **known))
    assert not logins.is_right(request(None, **known)) and not logins.is_right(request("wrong", **known))


def test_customers_of_the_sixth_version_are_one_and_few_are_remembered(logins: Logins, log: list[str]) -> None:
    for last in range(FREE):
        logins.is_right(request("wrong", address=f"fd00:1:2:3::{last}"))
    assert logins.wait_s(request(address="fd00:1:2:3:ffff::1")) > 0 == logins.wait_s(request(address="fd00:1:2:4::"))
    for other in range(ADDRESSES):
        logins.is_right(request("wrong", address=f"10.1.{other // 256}.{other % 256}"))
    assert logins.wait_s(request(address="fd00:1:2:3::1")) == 0.0
    assert len(logins._failures) == ADDRESSES
