"""Ready sweeps, as TOML files."""
