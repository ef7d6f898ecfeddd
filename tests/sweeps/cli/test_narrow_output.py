import io

import pytest

from sweeps.cli.narrow_output import spell_out


@pytest.mark.parametrize("errors", ["strict", "surrogateescape"])  # the second is Python's in the locale C
@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("ascii", b"R^2 0.5 +/- 0.1, lambda ? ? sqrt sum w^2"),
        ("cp1252", "R² 0.5 ± 0.1, lambda ? ? sqrt sum w²".encode("cp1252")),
    ],
)
def test_what_an_encoding_lacks_is_spelled_out(encoding, written, errors) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
    spell_out(stream, stream)
    stream.write("R² 0.5 ± 0.1, λ 猫 \udcff √Σw²")
    stream.flush()
    assert stream.buffer.getvalue() == written


def test_a_stream_that_says_what_to_do_is_left_alone() -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="backslashreplace") for _ in range(2))
    spell_out(out, err)
    assert out.errors == "backslashreplace" != err.errors  # which it is of stderr unless somebody asks otherwise
