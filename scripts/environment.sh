# Sourced by the scripts beside it, from the repository's root, with `set -eu` on.
#
# make_environment FOLDER LOCK [with-rapide]
#
# Makes a virtual environment in FOLDER from the locked requirement file LOCK with nothing but Python's standard
# library, and installs Rapide from this tree when asked to. An environment whose lock, interpreter and place have
# not changed is used again as it is.

# Prints the first interpreter that is new enough; PYTHON, when set, is the only candidate.
find_python() {
    known='python3 python3.13 python3.12 python3.11 python'
    if [ -n "${PYTHON:-}" ]; then
        known=$PYTHON
        set -- "$PYTHON"
    else
        set -- $known
    fi
    for candidate in "$@"; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    printf 'Rapide needs Python 3.11 or newer, and found none (looked for: %s).\n' "$known" >&2
    printf 'Install one, or name it: PYTHON=/path/to/python3.12 %s\n' "$0" >&2
    return 1
}

# Prints what an environment was made from: the lock's checksum, the interpreter and the folder's own place.
describe_environment() {
    "$1" - "$2" "$3" <<'PYTHON'
import hashlib, pathlib, sys

folder, lock = (pathlib.Path(argument) for argument in sys.argv[1:])
print(hashlib.sha256(lock.read_bytes()).hexdigest(), sys.version.split()[0], sys.base_prefix, folder.resolve())
PYTHON
}

make_environment() {
    folder=$1 lock=$2 with_rapide=${3:-}
    base_python=$(find_python) || exit 1
    wanted=$(describe_environment "$base_python" "$folder" "$lock")
    if [ "$(cat "$folder/made-from" 2>/dev/null || :)" != "$wanted" ]; then
        printf '== %s: installing %s\n' "$folder" "$lock"
        if ! "$base_python" -m venv --clear "$folder"; then
            printf '%s cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv\n' \
                "$base_python" >&2
            exit 1
        fi
        # -qq: errors only. --only-binary: nothing of a dependency runs while it is installed. --no-deps: the lock has
        # them all, and pip does not take the hash of a package to be that of the package with an extra.
        "$folder/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
            --require-hashes --no-deps --only-binary :all: -r "$lock"
        printf '%s\n' "$wanted" >"$folder/made-from"
    fi
    [ "$with_rapide" = with-rapide ] || return 0
    # The editable install only points at src/; what it copies (version, dependencies, commands) is in pyproject.toml.
    if ! cmp -s pyproject.toml "$folder/installed-pyproject.toml"; then
        "$folder/bin/python" -m pip install -qq --disable-pip-version-check --no-input \
            --no-index --no-deps --no-build-isolation -e .
        cp pyproject.toml "$folder/installed-pyproject.toml"
    fi
}
