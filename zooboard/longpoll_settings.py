"""Settings of the long-poll process: one address, and no middleware made for browsers."""

from zooboard.settings import *  # noqa: F403

MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "zooboard.longpoll_urls"
