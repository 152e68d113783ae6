"""A store in Redis, or Valkey."""

from datetime import timedelta
from typing import Any

from redis.asyncio import Redis

from rapide.auth.stores.base import check_names

__all__ = ["RedisStore"]

# An entry is a hash of its value (v) and its group (g). A group is a sorted set of keys by the time when they
# expire, so that what has expired leaves it, too. Every script is one atomic step. Its second key is what the
# names of a space begin with: a script makes the names of groups or entries from it. All that begin with the
# same {braces} lie in one slot of a cluster.
_LIBRARY = """
local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function group_key(group)
    return KEYS[2] .. 'group:' .. group
end

local function leave_group(key)
    local group = redis.call('HGET', KEYS[1], 'g')
    if group then
        redis.call('ZREM', group_key(group), key)
    end
end

local function join_group(group, key, ttl)
    local name = group_key(group)
    redis.call('ZREMRANGEBYSCORE', name, '-inf', now())
    redis.call('ZADD', name, ttl == '' and 'inf' or now() + ttl, key)
    local last = redis.call('ZREVRANGE', name, 0, 0, 'WITHSCORES')[2]
    if last == 'inf' then
        redis.call('PERSIST', name)
    else
        redis.call('PEXPIREAT', name, string.format('%d', last))
    end
end

local function write(key, value, ttl)
    redis.call('HSET', KEYS[1], 'v', value)
    if ttl == '' then
        redis.call('PERSIST', KEYS[1])
    else
        redis.call('PEXPIRE', KEYS[1], ttl)
    end
end
"""
_PUT = """
local key, value, ttl, has_group, group = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
leave_group(key)
redis.call('DEL', KEYS[1])
if ttl ~= '' and tonumber(ttl) <= 0 then
    return 0
end
write(key, value, ttl)
if has_group == '1' then
    redis.call('HSET', KEYS[1], 'g', group)
    join_group(group, key, ttl)
end
return 1
"""
_REPLACE = """
local key, old, new, ttl = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('HGET', KEYS[1], 'v') ~= old then
    return 0
end
if ttl ~= '' and tonumber(ttl) <= 0 then
    leave_group(key)
    redis.call('DEL', KEYS[1])
    return 1
end
write(key, new, ttl)
local group = redis.call('HGET', KEYS[1], 'g')
if group then
    join_group(group, key, ttl)
end
return 1
"""
_TAKE = """
local value = redis.call('HGET', KEYS[1], 'v')
leave_group(ARGV[1])
redis.call('DEL', KEYS[1])
return value
"""
_DELETE_GROUP = """
local count = 0
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    count = count + redis.call('DEL', KEYS[2] .. 'entry:' .. key)
end
redis.call('DEL', KEYS[1])
return count
"""
_KEYS_OF = """
local found = {}
for _, key in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
    if redis.call('EXISTS', KEYS[2] .. 'entry:' .. key) == 1 then
        found[#found + 1] = key
    end
end
return found
"""


def _milliseconds(expires_in: timedelta | None) -> str:
    return "" if expires_in is None else str(int(expires_in.total_seconds() * 1000))


class RedisStore:
    """A store in Redis 5 or newer, or Valkey. It needs asyncio.

    Redis keeps everything in memory. Let it write an append-only file, or everybody is logged out when it
    starts again; and let its `maxmemory-policy` be `noeviction`, or somebody is when memory is short.

    Args:
        server: A client of `redis.asyncio`, which stays yours; or a URL such as `redis://127.0.0.1:6379/0`,
            whose client `aclose()` closes. The client must not decode responses.
        prefix: What the names of all keys begin with.

    Raises:
        ValueError: The client decodes responses: values are bytes.
    """

    def __init__(self, server: "Redis | str", *, prefix: str = "rapide:auth:") -> None:
        self._owns_client = isinstance(server, str)
        self.client: Any = Redis.from_url(server) if isinstance(server, str) else server
        if self.client.connection_pool.connection_kwargs.get("decode_responses"):
            raise ValueError("RedisStore needs a client without decode_responses: values are bytes")
        self._prefix = prefix
        self._put, self._replace, self._take, self._delete_group, self._keys_of = (
            self.client.register_script(_LIBRARY + script)
            for script in (_PUT, _REPLACE, _TAKE, _DELETE_GROUP, _KEYS_OF)
        )

    async def get(self, space: str, key: str) -> bytes | None:
        """Return the value, or None where there is no such entry."""
        value: bytes | None = await self.client.hget(self._names(space, key)[0], "v")
        return value

    async def put(
        self, space: str, key: str, value: bytes, *, expires_in: timedelta | None, group: str | None = None
    ) -> None:
        """Write an entry, in the place of any that has this key."""
        check_names(space, group=group)
        arguments: list[Any] = [key, value, _milliseconds(expires_in), int(group is not None), group or ""]
        await self._put(self._names(space, key), arguments)

    async def replace(
        self, space: str, key: str, old: bytes, new: bytes, *, expires_in: timedelta | None
    ) -> bool:
        """Write `new` if the value is `old`, and tell whether it was; the entry stays in its group."""
        arguments: list[Any] = [key, old, new, _milliseconds(expires_in)]
        return bool(await self._replace(self._names(space, key), arguments))

    async def take(self, space: str, key: str) -> bytes | None:
        """Remove an entry and return its value: of all who ask, exactly one gets it."""
        value: bytes | None = await self._take(self._names(space, key), [key])
        return value

    async def delete(self, space: str, key: str) -> bool:
        """Remove an entry, and tell whether there was one."""
        return await self.take(space, key) is not None

    async def delete_group(self, space: str, group: str) -> int:
        """Remove all entries of a group, and return how many there were."""
        return int(await self._delete_group(self._group_names(space, group)))

    async def keys_of(self, space: str, group: str) -> list[str]:
        """Return the keys of a group, sorted."""
        return sorted(key.decode() for key in await self._keys_of(self._group_names(space, group)))

    async def aclose(self) -> None:
        """Close the client, if the store has made it."""
        if self._owns_client:
            await self.client.aclose()

    def _names(self, space: str, key: str) -> list[str]:
        check_names(space, key)
        base = f"{{{self._prefix}{space}}}:"
        return [f"{base}entry:{key}", base]

    def _group_names(self, space: str, group: str) -> list[str]:
        check_names(space, group=group)
        base = f"{{{self._prefix}{space}}}:"
        return [f"{base}group:{group}", base]
