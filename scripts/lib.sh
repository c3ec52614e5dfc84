# What the scripts here stand on; source it from one of them. It leaves a virtual environment in .venv, with git and tmux
# checked, and $ROOT as the working directory. A second call finds everything in place and is quick.

ROOT=$(cd "$(dirname "$0")/.." && pwd)
cd "$ROOT" || exit 3
PATH="$ROOT/.venv/bin:$PATH"
export PATH

say() { printf '%s\n' "$*" >&2; }

stop() { # MESSAGE HINT
    say "$1"
    say "hint: $2"
    exit 3
}

# Is version $1 at least $2? Compares two numbers, which is all that is asked here.
at_least() {
    printf '%s %s\n' "$1" "$2" | awk '{ split($1, a, "."); split($2, b, "."); exit !(a[1]+0 > b[1] || (a[1]+0 == b[1] && a[2]+0 >= b[2])) }'
}

version_of() {
    case $1 in
        git) git --version 2>/dev/null | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/' ;;
        tmux) tmux -V 2>/dev/null | sed 's/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/' ;;
    esac
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

apt_install() {
    say "installing $* with apt-get"
    as_root apt-get update -qq >&2 || true
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >&2
}

# TOOL VERSION: there and new enough, installed when that can be done, else one line that says what to type.
need() {
    found=$(version_of "$1")
    if ! at_least "${found:-0.0}" "$2" && can_install; then
        apt_install "$1" || true
        hash -r
        found=$(version_of "$1")
    fi
    at_least "${found:-0.0}" "$2" || stop "$1 >= $2 is needed, found ${found:-none}" "sudo apt-get install $1"
}

# PROGRAM PACKAGE: nothing needs it to run; tests that do are skipped, out loud, where it cannot be had.
wish() {
    command -v "$1" >/dev/null && return
    if can_install; then apt_install "$2" || true; fi
    command -v "$1" >/dev/null || say "$1 is missing: the tests that need it are skipped (sudo apt-get install $2)"
}

python_found() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    return 1
}

with_uv() {
    uv sync --quiet --locked --extra dev
}

with_pip() {
    python=$(python_found) || stop "python >= 3.11 is needed" "sudo apt-get install python3 python3-venv"
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        can_install && apt_install python3-venv && "$python" -m venv --clear .venv
    fi || stop "$python cannot make a virtual environment" "sudo apt-get install python3-venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
}

environment() {
    stamp=$(cat pyproject.toml uv.lock 2>/dev/null | cksum)
    if [ -x .venv/bin/python ] && [ "$(cat .venv/stamp 2>/dev/null)" = "$stamp" ]; then return; fi
    say "making the environment in .venv"
    if command -v uv >/dev/null; then with_uv; else with_pip; fi ||
        stop "the environment could not be made" "look at the lines above; then repeat $0"
    printf '%s\n' "$stamp" >.venv/stamp
}

need git 2.38
need tmux 3.2
environment
