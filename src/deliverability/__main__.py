"""`python -m deliverability` is the command."""

from __future__ import annotations

import sys

from deliverability.cli import main

sys.exit(main())
