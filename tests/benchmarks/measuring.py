"""With this module one can measure a thing beside another one, in turns, and keep the two together."""

import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Summary:
    """What is left of `n` measurements: their median, and their lower and upper quartile."""

    median: float
    lower: float
    upper: float
    n: int

    @classmethod
    def of(cls, values):
        """Sum up numbers; of a single one, the quartiles are that number.

        >>> Summary.of([1, 2, 3, 4, 50])
        Summary(median=3, lower=2.0, upper=4.0, n=5)
        """
        lower, _, upper = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else 3 * [values[0]]
        return cls(statistics.median(values), lower, upper, len(values))


@dataclass(frozen=True)
class Row:
    """Two summaries in the same unit: what is ours, and what stands beside it. Of both, less is better."""

    what: str
    ours: Summary
    beside: str
    theirs: Summary
    unit: str

    @property
    def ratio(self):
        """The median of ours over the median of theirs."""
        return self.ours.median / self.theirs.median

    @property
    def ratio_spread(self):
        """The lower quartile of ours over the upper one of theirs, and the other way round."""
        return self.ours.lower / self.theirs.upper, self.ours.upper / self.theirs.lower


def take_turns(candidates, n_rounds, *, n_warm_up=0):
    """Call each of the functions `candidates` (name → function) once a round; return the Summary of what each returns.

    A slow moment of the machine meets all of them. What the first `n_warm_up` rounds return is forgotten.

    >>> take_turns({"one": lambda: 1, "two": lambda: 2}, n_rounds=3)["two"]
    Summary(median=2, lower=2.0, upper=2.0, n=3)
    """
    values = {name: [] for name in candidates}
    for round_ in range(-n_warm_up, n_rounds):
        for name, function in candidates.items():
            value = function()
            if round_ >= 0:
                values[name].append(value)
    return {name: Summary.of(of_name) for name, of_name in values.items()}


def milliseconds(function):
    """Return a function that calls `function` and returns how many milliseconds that took."""

    def timed():
        start = time.perf_counter()
        function()
        return 1000 * (time.perf_counter() - start)

    return timed
