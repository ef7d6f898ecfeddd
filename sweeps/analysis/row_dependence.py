"""Which rows of a sweep's data belong together, in groups or in time."""

from regsearch.comparison import INDEPENDENT, Dependence
from regsearch.data import load
from regsearch.data.kept_data import is_grouped
from regsearch.data.named import BUNDLED, GENERATED
from regsearch.data.table_files import ENDINGS
from regsearch.errors import RegsearchError
from regsearch.in_memory import is_in_memory
from sweeps.config import SweepConfig


def dependence_of(config: SweepConfig) -> Dependence | None:
    """Return which rows belong together; the data are read where they may say so.

    Returns:
        None where they may and cannot be read from here: then there is no saying how certain a difference is.
    """
    spec = config.data_spec
    in_time = spec.split.order == "time"
    columns_say_all = spec.source.lower().endswith(ENDINGS) or (
        is_in_memory(spec.source) and not is_grouped(spec.source)
    )
    plain_table = columns_say_all and not spec.table.group
    if not in_time and (plain_table or spec.source in (*GENERATED, *BUNDLED)):
        return INDEPENDENT
    try:
        data = load(spec)
    except RegsearchError:
        return None
    return Dependence(groups=data.groups, times=data.times if in_time else None)
