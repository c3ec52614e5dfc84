"""What manifests and lock files say of one package, a line each; what cannot be understood says nothing at all."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

UNREAD = frozenset(
    ("requirements.txt", "setup.py", "setup.cfg", "Pipfile", "poetry.lock", "pdm.lock", "yarn.lock", "pnpm-lock.yaml")
)
"""May say so too, and are not read."""
_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^;]*)(?:;(.*))?", re.DOTALL)


@dataclass(frozen=True)
class Line:
    kind: str
    """required or locked."""
    version: str
    file: str
    line: int
    """0 when the file does not say it in one place."""


def lines(name: str, content: bytes, package: str) -> list[Line] | None:
    try:
        text = content.decode("utf-8")
        said = list(READERS[name](text, package))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    kind = "locked" if name in ("uv.lock", "package-lock.json", "Cargo.lock") else "required"
    seen = dict.fromkeys(said)
    return [Line(kind, version, name, _line(text, near)) for version, near in seen]


def _line(text: str, near: str) -> int:
    """The only line that holds it."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if near in line]
    return found[0] if len(found) == 1 else 0


Said = Iterator[tuple[str, str]]
"""A version, and words of the line that says it."""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _pyproject(text: str, package: str) -> Said:
    import tomllib

    data = tomllib.loads(text)
    project = data.get("project", {})
    if package.lower() == "python":
        if wanted := project.get("requires-python"):
            yield str(wanted), f'"{wanted}"'
        return
    dynamic = set(project.get("dynamic", ()))
    tools = data.get("tool", {})
    if (
        dynamic & {"dependencies", "optional-dependencies"}
        or "poetry" in tools
        or _replaced(tools.get("uv", {}), package)
    ):
        raise ValueError("not said here")
    yield from _requirements(project.get("dependencies", ()), package, "")
    for extra, wanted in project.get("optional-dependencies", {}).items():
        yield from _requirements(wanted, package, f" in the extra {extra}")
    for group, wanted in data.get("dependency-groups", {}).items():
        yield from _requirements((each for each in wanted if isinstance(each, str)), package, f" in the group {group}")


def _replaced(settings: dict[str, Any], package: str) -> bool:
    """It comes from elsewhere, or in another version than is asked for."""
    keys = ("sources", "override-dependencies", "constraint-dependencies")
    return any(normal(package) in normal(json.dumps(settings.get(key, ""))) for key in keys)


def _requirements(wanted: Iterable[str], package: str, where: str) -> Said:
    for each in wanted:
        found = _REQUIREMENT.fullmatch(each)
        if not found:
            raise ValueError(each)
        if normal(found[1]) == normal(package):
            marker = f" where {found[3].strip()}" if found[3] else ""
            yield f"{found[2].strip().strip('()').strip() or 'any version'}{marker}{where}", each


def _locked(text: str, package: str, same: Callable[[str], str]) -> Said:
    import tomllib

    for each in tomllib.loads(text).get("package", ()):
        if same(each["name"]) == same(package) and "version" in each:
            yield str(each["version"]), f'name = "{each["name"]}"'


def _uv_lock(text: str, package: str) -> Said:
    return _locked(text, package, normal)


def _cargo_lock(text: str, package: str) -> Said:
    return _locked(text, package, str)


def _cargo(text: str, package: str) -> Said:
    import tomllib

    data = tomllib.loads(text)
    if package.lower() == "rust" and "rust-version" in data.get("package", {}):
        yield data["package"]["rust-version"], "rust-version"
    if "patch" in data or "replace" in data:
        raise ValueError("not said plainly")
    tables = [data, data.get("workspace", {}), *data.get("target", {}).values()]
    for table in tables:
        for kind in ("dependencies", "dev-dependencies", "build-dependencies"):
            for name, wanted in table.get(kind, {}).items():
                real = wanted.get("package", name) if isinstance(wanted, dict) else name
                if real == package:
                    yield _cargo_version(wanted) + ("" if kind == "dependencies" else f" in {kind}"), f"{name} ="


def _cargo_version(wanted: Any) -> str:
    if isinstance(wanted, str):
        return wanted
    if "version" in wanted:
        return str(wanted["version"])
    raise ValueError("not said here")


def _package_json(text: str, package: str) -> Said:
    data = json.loads(text)
    if package.lower() == "node" and "node" in data.get("engines", {}):
        yield str(data["engines"]["node"]), '"node"'
    if any(f'"{package}' in json.dumps(data.get(key, "")) for key in ("overrides", "resolutions", "pnpm")):
        raise ValueError("not said plainly")
    for kind in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
        wanted = data.get(kind, {})
        if package in wanted:
            yield str(wanted[package]) + ("" if kind == "dependencies" else f" in {kind}"), f'"{package}"'


def _package_lock(text: str, package: str) -> Said:
    for path, each in json.loads(text).get("packages", {}).items():
        if path == f"node_modules/{package}" or path.endswith(f"/node_modules/{package}"):
            yield str(each["version"]), f'"{path}"'


def _go(text: str, package: str) -> Said:
    if re.search(r"^\s*(?:replace|exclude)\b", text, re.MULTILINE):
        raise ValueError("not said plainly")
    if package.lower() in ("go", "golang"):
        for found in re.finditer(r"^go\s+(\S+)", text, re.MULTILINE):
            yield found[1], found[0]
        return
    for found in re.finditer(rf"^(?:require)?\s+{re.escape(package)}\s+(v\S+)", text, re.MULTILINE):
        yield found[1], found[0].strip()


READERS: dict[str, Callable[[str, str], Said]] = {
    "pyproject.toml": _pyproject,
    "uv.lock": _uv_lock,
    "package.json": _package_json,
    "package-lock.json": _package_lock,
    "Cargo.toml": _cargo,
    "Cargo.lock": _cargo_lock,
    "go.mod": _go,
}
