"""How long a search still takes, by how fast trainings end."""


class Pace:
    """The rate at which repeats end, whoever trains them, since the first one of this run ended.

    So neither what was recorded before counts, nor the time that a start takes.
    """

    def __init__(self) -> None:
        self._seen: list[tuple[float, int]] = []  # time, s, and repeats: at first, with the first more, now

    def add(self, at_s: float, repeats: int) -> None:
        """Take note of how many repeats are recorded, at a time of a steady clock."""
        if not self._seen or repeats > self._seen[0][1]:
            self._seen = [*self._seen[:2], (at_s, repeats)]

    def seconds_for(self, repeats: int) -> float | None:
        """Return the seconds that so many more take; None until it can be told."""
        if len(self._seen) < 3:
            return None
        (_, (first_s, first), (last_s, last)) = self._seen
        return repeats * (last_s - first_s) / (last - first) if last > first else None


def format_duration(seconds: float) -> str:
    """Return a duration as people say it: 12 s, 3 min, 2 h 5 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
