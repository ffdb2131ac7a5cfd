"""logwatchd: tails JSON logs and keeps one live card for each problem."""

from typing import Final

__version__: Final = "0.1.0"
