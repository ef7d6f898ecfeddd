"""Pictures of a snapshot that a browser draws: the same data as in sweeps/plots, for optuna-dashboard."""
