"""Pictures of a snapshot: each is a function that collects its data and one that draws it; drawing never trains."""
