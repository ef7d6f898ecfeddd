"""The first trainings of a sweep: none, a middling λ and the strongest, which tell what the network needs.

They are cells that the search visits anyway, so nothing is trained twice: a trial that comes to one finds its repeats.
Where the search may not visit them, as under TPE or a small budget, no regularization alone is trained, which a
confirmation needs in any case.
"""

from tempfile import TemporaryDirectory

from regsearch.errors import TrainingFailed, in_one_line
from regsearch.spec import Configuration
from sweeps.analysis.candidates import CONTROL
from sweeps.analysis.diagnosis import Diagnosis, diagnosis
from sweeps.analysis.diagnosis_sentence import describe_diagnosis
from sweeps.analysis.ladder import ladder
from sweeps.analysis.snapshot_loader import load_snapshot
from sweeps.config import SweepConfig
from sweeps.runtime.checking import SweepCheck
from sweeps.runtime.progress import Progress, Silent
from sweeps.runtime.sweep import Sweep, register
from sweeps.runtime.worker import Evaluate, evaluate_first
from sweeps.search.coarse_cells import coarse_configurations


def first_trainings(config: SweepConfig) -> tuple[Configuration, ...]:
    """Return what a diagnosis trains: no regularization, and of the coarse cells a middling λ and the strongest."""
    return Configuration(), *ladder(coarse_configurations(config), config)


def diagnose(
    sweep: Sweep,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    evaluate: Evaluate | None = None,
) -> Diagnosis | None:
    """Train what a diagnosis needs, as far as it is missing, and tell what was found.

    Args:
        sweep: an open sweep.
        threads: trainings at once; None for one per CPU.
        progress: told what happens, and the diagnosis where it is new.
        evaluate: what trains; None for `regsearch.trial.evaluate`.

    Returns:
        None where nothing was missing, and where a training failed or the sweep's time was up before it was known.

    Raises:
        InputError: the data or the model cannot be used.
    """
    progress = progress or Silent()
    wanted = {configuration: sweep.register(configuration, CONTROL) for configuration in first_trainings(sweep.config)}
    repeats = sweep.config.evaluation.repeats
    begun = {c: sweep.records.begun(id_, "search") for c, id_ in wanted.items()}
    missing = {c: found for c, found in begun.items() if len(found.recorded) < repeats}
    if not missing:
        return None
    try:
        evaluate_first(sweep, missing, threads=threads, progress=progress, evaluate=evaluate)
    except TrainingFailed as error:  # the search tries again, and knows what to do where that fails too
        progress.note(f"no diagnosis: {in_one_line(error)}")
        return None
    found = diagnosis(load_snapshot(sweep.results, sweep.name))
    if found is not None:
        progress.note(describe_diagnosis(found, sweep.config))
    return found


def diagnose_alone(
    config: SweepConfig, check: SweepCheck, *, progress: Progress | None = None, evaluate: Evaluate | None = None
) -> Diagnosis | None:
    """Diagnose a sweep that nothing is to be kept of; see `diagnose`."""
    with TemporaryDirectory() as folder, register(config, f"sqlite:///{folder}/diagnosis.db", check) as sweep:
        return diagnose(sweep, progress=progress, evaluate=evaluate)
