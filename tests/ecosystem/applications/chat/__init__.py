"""Rooms that people talk in, over WebSockets, with Redis between the processes."""
