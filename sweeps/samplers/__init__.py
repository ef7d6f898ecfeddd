"""Optuna samplers that stand alone: they need Optuna and NumPy only."""
