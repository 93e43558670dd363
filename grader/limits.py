"""What one submission may use (`[limits]` of `grader.toml`).

And one thread of BLAS for all that we start: what runs side by side are submissions, and starting threads costs more
than the small arrays here would gain.
"""

from __future__ import annotations

from dataclasses import dataclass

THREADS = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"), "1")


@dataclass(frozen=True)
class Limits:
    """What one submission may use."""

    seconds: float = 4.0  # one exercise, wall time
    total_seconds: float = 20.0  # all exercises, wall time
    cpu: int = 20  # seconds of CPU of one child
    memory_mb: int = 768  # address space beyond the warm parent's own
    output_mb: int = 64  # bytes sent back
