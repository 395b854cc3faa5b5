"""What is taken for panels where nothing is said; size and power of tests are those of `ranking`."""

from __future__ import annotations

from typing import Final

LEVEL: Final = 0.9  # of intervals
DRAWS: Final = 999  # random assignments, where there are more than as many: p-values near 5% are then off by 0.7%
ROW_DRAWS: Final = 99  # the same for each row of a table of specifications
RESAMPLES: Final = 200  # of the bootstrap, whose standard deviation is then off by 5%
SEED: Final = 0
