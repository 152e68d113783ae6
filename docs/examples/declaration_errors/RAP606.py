from datetime import timedelta

from rapide.auth import MemoryStore, Sessions

sessions = Sessions(MemoryStore(), idle=timedelta(days=30), absolute=timedelta(days=1))
