"""The command line: `main` holds the commands, `options` what they take, `tables` how they print."""
