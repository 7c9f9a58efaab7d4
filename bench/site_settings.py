"""The site's own settings, and one address more: the hand-written view beside which lists are measured."""

from pooledcare.settings import *  # noqa: F403

ROOT_URLCONF = "bench.site_urls"
