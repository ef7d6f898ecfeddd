"""How sure a difference between two configurations is, and for which networks; NumPy and SciPy's special functions.

paired_error        the error of a paired difference, from seeds and from rows that may come in groups
interval            t intervals and p-values
unseen_rows         the same error where few rows decide: accuracy, log loss, AUC
metric_error        which of them a metric needs
refusal             when no claim can be made, and why
time_blocks         rows in time order as groups
new_training_sets   the error over training sets that were not drawn, from resampled splits of a pool
scope               the networks that a claim is about
claim               what may be said of a difference
equivalence, power  whether there is no gain, and how many rows it would take to see one
holm                several claims at once; stepdown: those that come from the same rows
separability        what cannot be told from the winner; one_se: the strongest penalty that does about as well
optimism            what the winner's score owes to having been chosen by it
racing              which configurations are worth further repeats; enough_repeats: when no further one is
"""
