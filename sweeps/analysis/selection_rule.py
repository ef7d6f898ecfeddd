"""How a winner is chosen, by name; the command line's help loads it, so it imports nothing that is slow."""

from typing import Literal

SelectionRule = Literal["mean", "one-se"]  # the best mean, or the largest lambda within one standard error of it
