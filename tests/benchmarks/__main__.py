"""Starts the benchmarks: `python3 -m convhelpers bench`, or `python tests/benchmarks` where all is installed."""

import os
import sys

if __name__ == "__main__":
    for library in ("OMP", "OPENBLAS", "MKL", "VECLIB"):  # read once, when NumPy loads its BLAS
        os.environ[f"{library}_NUM_THREADS"] = "1"
    from report import main

    sys.exit(main(sys.argv[1:]))
