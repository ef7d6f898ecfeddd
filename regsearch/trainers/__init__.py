"""Ways to train a model; base holds the contract."""
