"""`python -m sweeps` is the command regsearch."""

from sweeps.cli.main import main

if __name__ == "__main__":
    main()
