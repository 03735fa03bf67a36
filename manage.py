#!/usr/bin/env python3
"""Run a management command. `up` and `test` first make what they need (planb/bootstrap.py)."""

from __future__ import annotations

import os
import sys


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] in {"up", "test"}:
        from planb import bootstrap

        bootstrap.ensure(sys.argv[1:])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planb.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
