"""A figure that a notebook shows, whether or not pyplot and its inline backend are loaded."""

import io
from typing import Any

from matplotlib.figure import Figure

DPI = 150  # of the PNG
SHOWN_DPI = 100  # what it is shown at, so that it is sharp on a screen of many pixels


class ShownFigure(Figure):
    """A matplotlib Figure that no global state knows of, and that a notebook shows as a PNG."""

    def _repr_png_(self) -> tuple[bytes, dict[str, Any]]:
        """Return the PNG and its size; IPython asks for it unless its inline backend is at work."""
        png = io.BytesIO()
        self.savefig(png, format="png", dpi=DPI)
        width, height = self.get_size_inches() * SHOWN_DPI
        return png.getvalue(), {"width": int(width), "height": int(height)}
