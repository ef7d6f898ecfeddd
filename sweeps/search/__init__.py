"""Which configurations there are, and which comes next."""
