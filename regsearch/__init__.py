"""regsearch: find the weight regularization that makes an overfit Keras network generalize, and say how sure that is.

This is what to import: the public names of regsearch, storage and sweeps, which `__init__.pyi` lists; each is loaded
when it is first used.
"""

from regsearch.lazy_names import attach

__getattr__, __dir__, __all__ = attach(__name__, __file__)
