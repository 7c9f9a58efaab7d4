"""The site's settings, with one more address: the hand-written view with which lists are compared."""

from pooledcare.settings import *  # noqa: F403

ROOT_URLCONF = "bench.site_urls"
