"""The report as one page: what stands in it, that it loads nothing, and how a browser shows it."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from regsearch.errors import InputError
from regsearch.notices import Notice
from sweeps.analysis.answer import answer
from sweeps.plots.pictures import PICTURES
from sweeps.report_page import CAPTIONS, report_page
from sweeps.search_result import SearchResult
from tests.sweeps.tiny import NONE, Tiny, config, repeat, tied


def right(n: int, of: int) -> list[int]:
    return [1] * n + [0] * (of - n)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchResult]:
    tiny = Tiny(f"sqlite:///{tmp_path_factory.mktemp('report')}/tiny.db", config())
    norms = {("hidden_1", "kernel"): (2.0, 4.0), ("output", "kernel"): (1.0, 2.0)}
    for configuration, n in ((NONE, 60), (tied("l2", 1e-2), 64), (tied("l2", 1e-3), 66), (tied("l1", 1e-1), 50)):
        tiny.add(configuration, *(repeat(i, n / 70, rows=right(n, 70), norms=norms) for i in range(2)))
        if configuration in (NONE, tied("l2", 1e-3)):
            tested = [repeat(i, n / 70, rows=right(n, 70), test_rows=right(n, 100)) for i in range(2)]
            tiny.add(configuration, *tested, purpose="confirm")
    snapshot = tiny.snapshot()
    yield SearchResult(snapshot=snapshot, answer=answer(snapshot))
    tiny.close()


@pytest.fixture(scope="module")
def page(result: SearchResult) -> str:
    return report_page(result.snapshot, result.answer)


def text_of(page: str) -> str:
    return " ".join(unescape(re.sub(r"<style>.*?</style>|<script>.*?</script>|<[^>]+>", " ", page, flags=re.S)).split())


def test_the_answer_comes_first_and_evidence_follows(page: str) -> None:
    text = text_of(page)
    order = ["Winner: l2 1e-3", "Evidence", "Claims", "Configurations", "What was searched", "To get the same again"]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "l2 1e-3 66 test" not in text and "100 test" in text and "+0.0600" in text  # 66 against 60 of 100 rows
    assert 'source = "moons"' in text and "regsearch run tiny.toml" in text


def test_every_picture_has_a_text_of_its_own(page: str) -> None:
    assert set(CAPTIONS) == set(PICTURES)
    images = re.findall(r'<img alt="([^"]+)"', page)
    assert len(images) == len(set(images)) >= 3 and page.count("<figcaption>") == len(images)


def test_warnings_and_limits_are_told_in_full(result: SearchResult) -> None:
    notice = Notice(code="few-rows", message="only 7 rows <validate>")
    warned = replace(result.answer, notices=(notice,), penalized=("penalized by hidden kernel: hidden_1/kernel",))
    text = text_of(report_page(result.snapshot, warned))
    assert "Warning (few-rows): only 7 rows <validate>." in text and "hidden_1/kernel." in text
    assert "Not separable from it on the validation rows: " in text


def test_another_ending_is_refused(result: SearchResult, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"report\.pdf: a report may end in \.html or \.txt$"):
        result.report(tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_it_loads_nothing(page: str) -> None:
    assert not re.search(r"(?:src|href)=[\"'](?!data:)|url\(|@import|https?://", page)


def test_what_comes_from_the_database_is_escaped(result: SearchResult) -> None:
    versions = {"<script>alert(1)</script>": "<img src=x onerror=alert(2)>"}
    page = report_page(replace(result.snapshot, versions=versions), result.answer)
    assert "alert(1)</script>" not in page and "<img src=x" not in page and "&lt;script&gt;alert(1)" in page


def test_a_browser_shows_it_on_a_phone_and_sorts_its_table(result: SearchResult, browser: Any, tmp_path: Path) -> None:
    file = result.report(tmp_path / "report.html")
    told: list[str] = []
    opened = browser.new_page(viewport={"width": 390, "height": 800})
    opened.on("console", lambda message: told.append(message.text))
    opened.on("pageerror", lambda error: told.append(str(error)))
    opened.on("request", lambda request: told.append(request.url) if not _is_own(request.url) else None)
    opened.goto(file.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") == 390  # tables scroll by themselves
    head = opened.get_by_role("button", name="largest λ")
    cells = opened.locator("table:has(button) tbody tr td:nth-child(3)")
    head.click()
    assert cells.all_inner_texts() == ["-", "1e-3", "1e-2", "1e-1"]
    head.click()
    assert cells.all_inner_texts() == ["1e-1", "1e-2", "1e-3", "-"]
    assert head.locator("xpath=..").get_attribute("aria-sort") == "descending"
    assert told == []
    opened.close()


def _is_own(url: str) -> bool:
    return url.startswith(("file:", "data:"))
