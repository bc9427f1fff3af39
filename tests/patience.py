"""How much longer than on a quiet machine a test waits for other processes.

A limit ends a test that hangs. It must not judge a machine whose host is busy, where all takes several times as long.
"""

PATIENCE = 4
EXPECT_MS = 5_000 * PATIENCE
"""How long Playwright looks for what is expected of a page; its own default is 5 s."""
