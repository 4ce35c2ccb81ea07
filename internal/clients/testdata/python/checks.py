"""Runs every check against the servers that the file of facts names."""

import errors  # noqa: F401
import frames  # noqa: F401
import harness
import metadata  # noqa: F401
import parameters  # noqa: F401
import queries  # noqa: F401
import security  # noqa: F401
import sessions  # noqa: F401
import values  # noqa: F401

harness.run()
