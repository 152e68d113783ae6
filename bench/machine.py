"""The machine in words, and how busy it is. Its name, its users and its paths are nobody's business."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path

__all__ = ["describe_machine", "installed_versions", "load_average", "tool_versions"]

_GIB = 1024**3


def describe_machine() -> str:
    """Say what kind of machine this is: processor, cores, memory, system, interpreter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB
    cores = os.cpu_count()
    interpreter = f"{platform.python_implementation()} {platform.python_version()} ({_build()})"
    return (
        f"{cores} cores of an {_processor()}{' (virtual machine)' if _is_virtual() else ''}, "
        f"{memory:.0f} GiB of memory, {_system()}, {interpreter}"
    )


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", _read("/proc/cpuinfo"), re.MULTILINE)
    return f"{found[1].strip()} processor" if found else f"{platform.machine()} processor"


def _is_virtual() -> bool:
    return bool(re.search(r"^flags\s*:.*\bhypervisor\b", _read("/proc/cpuinfo"), re.MULTILINE))


def _system() -> str:
    found = re.search(r'^PRETTY_NAME="(.+)"$', _read("/etc/os-release"), re.MULTILINE)
    kernel = ".".join(platform.release().split(".")[:2])
    return (
        f"{found[1] if found else platform.system()}, Linux {kernel}"
        if _read("/proc/version")
        else platform.system()
    )


def _build() -> str:
    """Say how the interpreter was built: it moves Python code by a fifth, and C extensions not at all."""
    options = sysconfig.get_config_var("CONFIG_ARGS") or ""
    return (
        "profile-guided build"
        if "--enable-optimizations" in options
        else "built without profile-guided optimisation"
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def load_average() -> float:
    """The load average of the last minute; the harness itself counts for up to two."""
    return os.getloadavg()[0]


def installed_versions(python: str, packages: Sequence[str]) -> dict[str, str]:
    """The versions of distributions that an interpreter has installed; those that it has not are left out."""
    program = (
        "import json, sys\n"
        "from importlib.metadata import distributions\n"
        "print(json.dumps({d.metadata['Name'].lower(): d.version for d in distributions()}))"
    )
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    known: dict[str, str] = json.loads(done.stdout)
    return {name: known[name] for name in packages if name in known}


def tool_versions() -> dict[str, str]:
    """The versions of the programs used beside Python."""
    wrk = shutil.which("wrk")
    if wrk is None:
        return {}
    said = subprocess.run([wrk, "-v"], capture_output=True, text=True, check=False).stdout  # it exits with 1
    found = re.search(r"wrk (\S+)", said)
    return {"wrk": found[1] if found else "unknown"}
