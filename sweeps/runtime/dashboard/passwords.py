"""The password that browsers are asked for, as it is or as its scrypt hash.

A hash is written as passlib does: $scrypt$ln=14,r=8,p=1$SALT$KEY, of base64 without padding.
"""

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from regsearch.errors import InputError

FIELD = "--password-file"
COST, BLOCK, LANES = 14, 8, 1  # log2 of scrypt's n, its r and p: 16 MB and some 50 ms
LARGEST_BYTES = 2**30  # that one hash may take
OTHERS_READ = 0o004

_SCRYPT = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)")
_OTHER_HASH = re.compile(r"\$(?:scrypt|argon2\w*|2[abxy]?|[156y]|pbkdf2[\w-]*)\$")


@dataclass(frozen=True, kw_only=True)
class Hash:
    """What scrypt makes of a password."""

    cost: int
    block: int
    lanes: int
    salt: bytes
    key: bytes

    def matches(self, given: bytes) -> bool:
        """Return whether this is the hash of a password."""
        return hmac.compare_digest(self.of(given), self.key)

    def of(self, password: bytes) -> bytes:
        """Return the key that scrypt derives with these numbers and this salt."""
        how = {"n": 1 << self.cost, "r": self.block, "p": self.lanes, "dklen": len(self.key)}
        return hashlib.scrypt(password, salt=self.salt, maxmem=self.memory_bytes, **how)

    @property
    def memory_bytes(self) -> int:
        """How much memory scrypt needs."""
        return 128 * self.block * ((1 << self.cost) + self.lanes + 2)


@dataclass(frozen=True, kw_only=True)
class Plain:
    """A password as it is."""

    password: bytes

    def matches(self, given: bytes) -> bool:
        """Return whether it is that password, taking the same time for any of that length."""
        return hmac.compare_digest(given, self.password)


def read_password(file: Path) -> Hash | Plain:
    """Return the password in the first line of a file.

    Raises:
        InputError: the file cannot be read, others can read it, or its first line holds no password.
    """
    try:
        line = file.read_text("utf-8").partition("\n")[0].strip()
        mode = file.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(FIELD, f"{file} cannot be read: {error}") from None
    if not line:
        raise InputError(FIELD, f"the first line of {file} is empty; it must hold the password or its hash")
    if mode & OTHERS_READ:
        raise InputError(FIELD, f"{file} can be read by every user of this machine; chmod 600 {file}")
    return _parsed(line, file)


def hash_password(password: str) -> str:
    """Return a line for the password file from which the password cannot be told.

    Raises:
        InputError: it is empty.
    """
    if not password:
        raise InputError("--hash-password", "the password is empty")
    salt = secrets.token_bytes(16)
    key = Hash(cost=COST, block=BLOCK, lanes=LANES, salt=salt, key=bytes(32)).of(password.encode())
    return f"$scrypt$ln={COST},r={BLOCK},p={LANES}${_written(salt)}${_written(key)}"


def _parsed(line: str, file: Path) -> Hash | Plain:
    if (found := _SCRYPT.fullmatch(line)) is None:
        if _OTHER_HASH.match(line):
            raise InputError(FIELD, f"{file} holds a hash; of those only $scrypt$ln=…,r=…,p=…$SALT$KEY can be read")
        return Plain(password=line.encode())
    cost, block, lanes = (int(found[i]) for i in (1, 2, 3))
    read = Hash(cost=cost, block=block, lanes=lanes, salt=_bytes(found[4]), key=_bytes(found[5]))
    if not (cost and block and lanes and len(read.key) >= 16 and read.memory_bytes <= LARGEST_BYTES):
        raise InputError(FIELD, f"{file} holds a scrypt hash that takes over 1 GB, or has under 16 bytes")
    return read


def _written(plain: bytes) -> str:
    return base64.b64encode(plain).decode().rstrip("=")


def _bytes(written: str) -> bytes:
    try:
        return base64.b64decode(written + "=" * (-len(written) % 4))
    except ValueError:
        return b""
