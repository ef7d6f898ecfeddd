"""By which names a browser may ask for the dashboard.

A page of somebody else's can let its own name point to 127.0.0.1 (DNS rebinding), and so read what is served there; its
requests carry that name as their Host.
"""

import ipaddress
import re
from collections.abc import Iterable

from regsearch.errors import InputError

NAME = re.compile(r"[a-z0-9]([a-z0-9._-]*[a-z0-9])?")
HOST = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[a-z0-9._-]+))(?::[0-9]{1,5})?")


def allowed_names(host: str, others: Iterable[str]) -> frozenset[str]:
    """Return the names to answer to, beside those of the loopback.

    Args:
        host: the address that is listened on; one that stands for all addresses is no name.
        others: further names, without a port.

    Raises:
        InputError: one of them is no name of a host.
    """
    for name in others:
        if not NAME.fullmatch(name.lower()) and _address(name) is None:
            raise InputError("--allowed-host", f"{name!r} must be the name or address of a host, without a port")
    own = () if is_wildcard(host) else (host,)
    return frozenset(name.lower() for name in (*own, *others))


def is_allowed(host: str, names: frozenset[str]) -> bool:
    """Return whether a request's Host, with or without a port, is one of the names, or one of the loopback."""
    parts = HOST.fullmatch(host.lower())
    name = None if parts is None else parts["six"] or parts["name"]
    return name is not None and (name in names or is_loopback(name))


def is_loopback(host: str) -> bool:
    """Return whether nobody but this machine can reach a host."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_wildcard(host: str) -> bool:
    """Return whether an address stands for all of a machine's."""
    address = _address(host)
    return host == "" if address is None else address.is_unspecified


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
