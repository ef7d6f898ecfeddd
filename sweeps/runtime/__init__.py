"""How a sweep runs: its database and study, the workers, their time and what they tell of their progress."""
