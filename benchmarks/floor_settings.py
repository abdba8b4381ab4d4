"""The academy's settings with one more address: the floor of the page bench, in the same server."""

from academy.settings import *  # noqa: F403
from academy.settings import MIDDLEWARE as OURS

MIDDLEWARE = ["benchmarks.floor_urls.fresh", *OURS]
ROOT_URLCONF = "benchmarks.floor_urls"
