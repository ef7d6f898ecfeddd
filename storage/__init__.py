"""Where results live: the rs_ tables, the write path and the read path."""
