"""The site's settings, with the addresses of `minimal` and nothing around them."""

from zooboard.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api.minimal"
MIDDLEWARE = []
