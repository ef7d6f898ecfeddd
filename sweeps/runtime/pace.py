"""How long a search still takes, by how fast trainings end."""

from dataclasses import dataclass


@dataclass
class Pace:
    """The rate at which repeats end, whoever trains them, since the first one of this run ended.

    So neither what was recorded before counts, nor the time that a start takes.
    """

    begun_with: int | None = None  # repeats that were recorded before
    first: tuple[float, int] | None = None  # when there were more, s, and how many
    last: tuple[float, int] | None = None  # likewise, of the newest reading

    def add(self, at_s: float, repeats: int) -> None:
        """Take note of how many repeats are recorded, at a time of a steady clock."""
        if self.begun_with is None:
            self.begun_with = repeats
        elif repeats > self.begun_with:
            self.first, self.last = self.first or (at_s, repeats), (at_s, repeats)

    def seconds_for(self, repeats: int) -> float | None:
        """Return the seconds that so many more take; None until it can be told."""
        if self.first is None or self.last is None or self.last[1] <= self.first[1]:
            return None
        return repeats * (self.last[0] - self.first[0]) / (self.last[1] - self.first[1])


def format_duration(seconds: float) -> str:
    """Return a duration as people say it: 12 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
