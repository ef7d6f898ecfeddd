"""Where results live: the rs_ tables, the write path and the read path.

`open(url)` reads; `connect`, `upgrade` and `Records` write. `__init__.pyi` lists the names.
"""

from regsearch.lazy_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
