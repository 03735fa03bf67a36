#!/usr/bin/env python3
"""Run a management command. `up` and `test` first make what they need (planb/bootstrap.py)."""

# This file alone is read by any Python, however old, so that it can say which one is needed.
import os
import sys


def main():
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.stderr.write(
            "Plan B Chat needs Python 3.11 or newer, and this is {}.{}: "
            "install a newer one and run it as `python3.11 manage.py ...`.\n".format(*sys.version_info[:2])
        )
        sys.exit(1)
    if len(sys.argv) > 1 and sys.argv[1] in {"up", "test"}:
        from planb import bootstrap

        bootstrap.ensure(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planb.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
