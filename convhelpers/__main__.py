"""Starts the launcher, or says in one line that this Python is too old for it.

This file must stay readable to old Pythons (2.7 too): no f-strings, no annotations, plain ASCII.
"""

import sys

OLDEST = (3, 11)


def main():
    """Look at the version first: launcher.py uses syntax that an old Python cannot read."""
    if sys.version_info[:2] < OLDEST:
        sys.exit(
            "convhelpers: Python %d.%d or newer is needed; this is %d.%d. Get one from python.org or your "
            "system's packages, then start again with it: python3.%d -m convhelpers"
            % (OLDEST + tuple(sys.version_info[:2]) + OLDEST[1:])
        )
    from convhelpers import launcher

    return launcher.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
