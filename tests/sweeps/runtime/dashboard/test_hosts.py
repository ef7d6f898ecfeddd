"""By which names a browser may ask for the dashboard."""

import pytest

from regsearch.errors import InputError
from sweeps.runtime.dashboard.hosts import allowed_names, is_allowed, is_loopback, is_wildcard

ANY = frozenset[str]()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "127.3.2.1", "[::1]:8080"])
def test_names_of_the_loopback_are_allowed(host: str) -> None:
    assert is_allowed(host, ANY)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "localhost@evil.example",
            "127.0.0.1.nip.io",
        ),
        *("127.0.0.1, evil.example", "localhost:80:80", "localhost:", "[::1", "::1", "0.0.0.0", "[::]", "2130706433"),
        *("localhost.", "localhost/", "192.168.1.7", "local host", "löcalhost"),
    ],
)
def test_others_are_not(host: str) -> None:
    assert not is_allowed(host, ANY)


def test_what_is_listened_on_and_what_is_named_is_allowed() -> None:
    names = allowed_names("192.168.1.7", ["Sweeps.example.org", "fd00::7"])
    for host in ("192.168.1.7:8080", "sweeps.example.org", "SWEEPS.EXAMPLE.ORG:443", "[fd00::7]:1", "localhost"):
        assert is_allowed(host, names), host
    assert not is_allowed("x.sweeps.example.org", names)
    assert allowed_names("0.0.0.0", []) == allowed_names("::", []) == ANY


@pytest.mark.parametrize("name", ["*", "https://a.example", "a.example:80", "a:80", "[::1]", "", "a b", "-", "a/b"])
def test_an_allowed_host_is_a_name(name: str) -> None:
    with pytest.raises(InputError, match=r"^--allowed-host: .* must be the name or address of a host, without a port"):
        allowed_names("127.0.0.1", [name])


def test_addresses() -> None:
    assert [host for host in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::", "10.0.0.1") if is_loopback(host)] == [
        *("localhost", "127.0.0.1", "::1")
    ]
    assert [host for host in ("", "0.0.0.0", "::", "127.0.0.1", "localhost") if is_wildcard(host)] == [
        "",
        "0.0.0.0",
        "::",
    ]
