"""What it costs and how long it takes, always beside a peer in the same run. Never part of the test suite."""
