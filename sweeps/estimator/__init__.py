"""The search as a scikit-learn estimator, on the engine that trains a sweep; without a database."""
