"""What users import: `import regsearch`."""

import pytest

import regsearch
import storage


@pytest.mark.parametrize("package", [regsearch, storage])
def test_every_public_name_is_there(package) -> None:
    assert package.__all__ == sorted(package.__all__) == dir(package)
    assert len(package.__all__) > 10
    for name in package.__all__:
        assert getattr(package, name) is not None


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'regsearch' has no attribute 'no_such_name'"):
        regsearch.no_such_name  # noqa: B018
