"""The dashboard's password, plain and hashed."""

import base64
import hashlib
from pathlib import Path

import pytest

from regsearch.errors import InputError
from sweeps.runtime.dashboard.passwords import Hash, Plain, hash_password, read_password


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "password"
    file.write_text(text)
    file.chmod(mode)
    return file


def test_a_password_is_compared_whole(tmp_path: Path) -> None:
    password = read_password(written(tmp_path, "  pässword:1 \nmore\n"))
    assert isinstance(password, Plain)
    assert password.matches("pässword:1".encode())
    assert not any(password.matches(text.encode()) for text in ("", "pässword", "pässword:12", "PÄSSWORD:1"))


def test_a_hash_is_of_one_password(tmp_path: Path) -> None:
    line = hash_password("sécret")
    assert "cret" not in line and line != hash_password("sécret")
    password = read_password(written(tmp_path, f"{line}\n"))
    assert isinstance(password, Hash)
    assert password.matches("sécret".encode())
    assert not password.matches(b"secret") and not password.matches(line.encode())


def test_a_hash_of_another_program_is_read(tmp_path: Path) -> None:
    """The key of RFC 7914, section 12: scrypt("pleaseletmein", "SodiumChloride", n=16384, r=8, p=1)."""
    key = bytes.fromhex(
        "7023bdcb3afd7348461c06cd81fd38eb"
        "fda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9"
        "e61e85dc0d651e40dfcf017b45575887"
    )
    assert hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=16384, r=8, p=1, maxmem=2**26) == key
    salt, base = (base64.b64encode(plain).decode().rstrip("=") for plain in (b"SodiumChloride", key))
    assert read_password(written(tmp_path, f"$scrypt$ln=14,r=8,p=1${salt}${base}")).matches(b"pleaseletmein")


@pytest.mark.parametrize(("text", "problem"), [("", "is empty"), ("\nsecret\n", "is empty"), (None, "cannot be read")])
def test_a_file_without_a_password(text: str | None, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "password" if text is None else written(tmp_path, text)
    with pytest.raises(InputError, match=f"^--password-file: .*{problem}"):
        read_password(file)


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o444])
def test_a_file_that_others_can_read(mode: int, tmp_path: Path) -> None:
    file = written(tmp_path, "secret\n", mode)
    with pytest.raises(InputError, match=f"can be read by every user of this machine; chmod 600 {file}"):
        read_password(file)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", r"of those only \$scrypt\$"),
        ("$2b$12$abcdefghijklmnopqrstuv", r"of those only \$scrypt\$"),
        ("$scrypt$16384$8$1$abc$def", r"of those only \$scrypt\$"),
        (f"$scrypt$ln=30,r=8,p=1$c2FsdA${'A' * 43}", "takes over 1 GB"),
        (f"$scrypt$ln=14,r=0,p=1$c2FsdA${'A' * 43}", "takes over 1 GB"),
        ("$scrypt$ln=14,r=8,p=1$c2FsdA$AAAA", "under 16 bytes"),
    ],
)
def test_a_hash_that_cannot_be_used_is_not_taken_for_a_password(line: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        read_password(written(tmp_path, line))
    assert line not in str(caught.value)


def test_an_empty_password_is_not_hashed() -> None:
    with pytest.raises(InputError, match="--hash-password: the password is empty"):
        hash_password("")
