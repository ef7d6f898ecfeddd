"""The command line: `main` runs it, …_commands are the commands, `options` what they take, `tables` how they print."""
