"""Pictures inside a page: as text that a browser draws, without a file."""

import base64
import io
from html import escape
from typing import TYPE_CHECKING

from sweeps.plots import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def embedded_png(figure: "Figure", alt: str) -> str:
    """Return a figure as an HTML image that holds its PNG.

    Args:
        figure: what to show.
        alt: what it shows, for who cannot see it.
    """
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=style.DPI)
    content = base64.b64encode(png.getvalue()).decode()
    return f'<img alt="{escape(alt)}" style="max-width:800px;width:100%" src="data:image/png;base64,{content}">'
