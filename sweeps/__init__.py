"""How a search runs: sweep files, samplers, workers, answers, pictures and the command line."""
