"""What regsearch costs in time and memory, measured beside what it stands in for: `make benchmark`."""
