"""A winner against models that are no networks: trained in its repeats, recorded, claimed, said."""

from collections.abc import Iterator

import numpy as np
import pytest

from regsearch.errors import SweepFileError
from regsearch.scoring import summarize
from regsearch.statistics.claim import Claim
from regsearch.statistics.interval import Interval
from regsearch.statistics.scope import Scope
from sweeps.analysis.answer import answer
from sweeps.analysis.references import ReferenceComparison, describe_references
from sweeps.analysis.report import show, stdout
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config.toml_file import restore
from sweeps.run import run
from sweeps.runtime.sweep import Sweep, open_sweep
from tests.sweeps.small import small

MODELS = ["hist_gradient_boosting", "linear"]
SCOPE = Scope(drawn="seeds", train_rows=30, pool_rows=100)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    url = f"sqlite:///{tmp_path_factory.mktemp('referencing')}/sweeps.db"
    run(small(search={"strategy": "grid"}, compare={"baselines": MODELS}), storage=url)
    with open_sweep("small", url) as sweep:
        yield sweep


def test_the_winner_is_compared_on_its_test_rows(searched: Sweep) -> None:
    snapshot = load_snapshot(searched.results, "small")
    found = answer(snapshot)
    assert [each.model for each in found.references] == MODELS
    of_winner = snapshot.row_scores(found.winner, "test")["score"].mean()
    for each in found.references:
        assert (each.subset, each.rows, each.scores.n) == ("test", 200, 3)
        assert each.claim.difference == pytest.approx(of_winner - each.scores.mean)
    assert [each["model"] for each in found.to_dict()["baselines"]] == MODELS


def test_the_report_asks_and_answers(searched: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    show(answer(load_snapshot(searched.results, "small")), console=stdout())
    said = capsys.readouterr().out
    assert "Should this be a network at all? On the 200 test rows:" in said
    assert "hist_gradient_boosting" in said


def test_another_winner_has_no_comparison(searched: Sweep) -> None:
    found = answer(load_snapshot(searched.results, "small"), "one-se")
    alike = found.winner.id == answer(load_snapshot(searched.results, "small")).winner.id
    assert bool(found.references) == alike


def test_comparing_changes_no_number_of_the_search() -> None:
    with_models = small(compare={"baselines": MODELS})
    assert with_models.hash() == small().hash()
    assert restore(with_models.to_dict()).compare.baselines == tuple(MODELS)


@pytest.mark.parametrize("written", [["forest"], "forest"])
def test_an_unknown_model_is_named(written: object) -> None:
    with pytest.raises(SweepFileError, match=r"compare\.baselines.*hist_gradient_boosting, linear, got 'forest'"):
        small(compare={"baselines": written})


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        (("better", "better"), "Yes: l2 beats hist_gradient_boosting and linear, for this training set (95 %)."),
        (("better", "not shown"), "Not shown: these rows cannot separate l2 from linear, for"),
        (("worse", "better"), "Not on this evidence: hist_gradient_boosting does better than l2, for"),
        (("worse", "worse"), "Not on this evidence: hist_gradient_boosting and linear do better than l2, for"),
    ],
)
def test_the_sentence(findings: tuple[str, ...], said: str) -> None:
    assert said in describe_references("l2", [_found(*each) for each in zip(MODELS, findings, strict=True)])


def _found(model: str, finding: str) -> ReferenceComparison:
    interval = Interval(low=0.0, high=0.2)
    claim = Claim(difference=0.1, interval=interval, p_value=0.01, finding=finding, reason=None, scope=SCOPE)
    return ReferenceComparison(
        model=model, subset="test", rows=200, scores=summarize(np.array([0.8, 0.9])), claim=claim
    )
