"""Django's settings for the django-bolt application: nothing but what it needs."""

import secrets

from bench.contract import DOWNLOAD, UPLOAD_SIZE

SECRET_KEY = secrets.token_urlsafe()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = ["django_bolt"]
MIDDLEWARE: list[str] = []
USE_TZ = True

BOLT_API = ["bench.apps.django_bolt_app:api"]
BOLT_ALLOWED_FILE_PATHS = [str(DOWNLOAD.parent)]
BOLT_COMPRESSION = False
BOLT_MAX_UPLOAD_SIZE = 2 * UPLOAD_SIZE
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * UPLOAD_SIZE
