"""The error of scores that few rows decide: accuracy, the log loss and the area under the ROC curve.

Where no row, or nearly none, is judged otherwise by two networks, the spread of what is seen says nothing of what was
not: a spread of 0 would claim certainty, and one confident mistake, of the kind that a single row in fifty makes, may
outweigh all gains that were seen. So one row more is counted, a row that went the other way:

    v_unseen = D · h² / N²         v_rows = (over the rows that are there) + v_unseen

h is what such a row would gain: 1 for accuracy and for the contributions to AUC; for the log loss the root mean square,
over rows, of h_i - d, where h_i is what row i would gain had it the other label. A row's loss l is -log p of its
label's probability p, and with the other label it is -log(1 - p); of several classes that is the least it could be.

D is what groups multiply the variance by (the design effect), 1 where rows are independent. Few rows tell it badly: it
is taken for at least √(N/G), the middle between rows that are independent and groups that are one row each, and for N/G
where no row tells.

Where the row that was not seen counts for more than all that were, the log loss and AUC allow no claim. A gate by
skewness does the opposite of what it should: a sample without the rare rows is the least skewed (docs/statistics.md).

Sources: Agresti and Min (2005), Statistics in Medicine 24:729-740, whose half a row for each cell of the table of
matched pairs adds as much for accuracy; Kish (1965), Survey Sampling, for D.
"""

from dataclasses import replace

import numpy as np

from regsearch.statistics.paired_error import Floats, PairedError, paired_error, together

EPSILON = 1e-7  # probabilities are kept this far from 0 and 1, as regsearch.scoring does


def with_unseen_row(error: PairedError, gains: Floats, square: float) -> PairedError:
    """Return the error with one row more that went the other way.

    Args:
        error: of `gains`, by `paired_error`.
        gains: what each row gains in each repeat.  # (repeats, rows)
        square: h², 1 for accuracy and AUC.

    Example:
        >>> import numpy as np
        >>> gains = np.zeros((2, 100))
        >>> with_unseen_row(paired_error(gains), gains, 1.0).se_rows
        0.01
    """
    if error.v_rows is None:
        return error
    v_unseen = _design_effect(error, gains) * square / error.rows**2
    v_rows = error.v_rows + v_unseen
    variance, df = together(error.v_seed, v_rows, v_both=error.v_both, repeats=error.repeats, groups=error.groups)
    return replace(error, v_rows=v_rows, v_unseen=v_unseen, variance=variance, df=df)


def square_of_other_label(losses: Floats, baseline: Floats) -> float:
    """Return h² of the log loss: the mean square of what rows would gain with the other label, about the difference.

    Args:
        losses: -log p of each row's label in each repeat, at least 0; NaN where not scored.  # (repeats, rows)
        baseline: likewise of what it is compared with; a gain is `losses - baseline`.

    Example:
        >>> import numpy as np
        >>> half, sure = np.log([[2.0, 2.0]]), -np.log([[0.9, 0.9]])
        >>> round(square_of_other_label(half, sure), 2)  # (log 2 - log 10 - (log 2 + log 0.9))²
        4.83
    """
    gains = _other(losses) - _other(baseline)
    difference = np.nanmean(np.nanmean(losses - baseline, axis=1))
    return float(np.nanmean((np.nanmean(gains, axis=0) - difference) ** 2))


def rests_on_unseen(error: PairedError) -> bool:
    """Return whether the row that was not seen counts for more than all rows that were."""
    return error.v_rows is not None and error.v_unseen > error.v_rows - error.v_unseen


def _other(losses: Floats) -> Floats:
    """Return -log(1 - p) from -log p."""
    return np.asarray(-np.log(np.clip(-np.expm1(-losses), EPSILON, 1.0)))


def _design_effect(grouped: PairedError, gains: Floats) -> float:
    """Return D, from √(N/G) to N/G."""
    if grouped.groups == grouped.rows:
        return 1.0
    most, independent = grouped.rows / grouped.groups, paired_error(gains).v_rows
    return min(max((grouped.v_rows or 0.0) / independent, most**0.5), most) if independent else most
