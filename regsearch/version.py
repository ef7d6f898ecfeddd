"""Which version of regsearch this is."""

from importlib.metadata import version

__version__ = version("regsearch")
