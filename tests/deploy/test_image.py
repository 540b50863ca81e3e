"""The Dockerfile against the sources: what it copies is there and let through, who it runs as, what it leaves out."""

from __future__ import annotations

import fnmatch
import re
import tomllib

from tests.deploy.compose import ROOT, services

LINES = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
IGNORED = [
    line for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")
]


def stages() -> dict[str, tuple[str, list[str]]]:
    """Stage → what it is made from, and its instructions."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = ""
    for line in LINES:
        if begun := re.match(r"FROM (\S+) AS (\S+)", line):
            name = begun[2]
            found[name] = (begun[1], [])
        elif name and line.strip() and not line.startswith("#"):
            found[name][1].append(line)
    return found


def copied() -> list[tuple[str, str]]:
    """(stage it comes from or "", path)."""
    found = []
    for _, lines in stages().values():
        for line in lines:
            if line.startswith("COPY"):
                words = line.split()[1:]
                origin = words.pop(0).removeprefix("--from=") if words[0].startswith("--from=") else ""
                found += [(origin, path) for path in words[:-1]]
    return found


def let_through(path: str) -> bool:
    """Whether .dockerignore lets a path reach the builder: its last line that speaks of it decides."""
    parts = path.rstrip("/").split("/")
    through = True
    for line in IGNORED:
        pattern = line.removeprefix("!").removeprefix("**/")
        above = ["/".join(parts[: n + 1]) for n in range(len(parts))]
        deep = parts if "**/" in line else []
        if any(fnmatch.fnmatch(name, pattern) for name in [*above, *deep]):
            through = line.startswith("!")
    return through


def test_what_is_copied_exists_and_is_let_through() -> None:
    for origin, path in copied():
        if origin:
            assert origin in stages()
        else:
            assert (ROOT / path).exists() and let_through(path), path


def test_every_package_and_what_it_is_built_with_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    ours = {path for origin, path in copied() if not origin}
    assert packages <= ours
    assert {project["project"]["readme"], *project["project"]["license-files"], "constraints.txt"} <= ours


def test_secrets_and_what_this_machine_made_stay_here() -> None:
    for path in (".env", ".env.local", ".git", ".venv", ".cache", "var", "tests", "console/web/node_modules"):
        assert not let_through(path), path
    assert not let_through("console/web/dist")  # the page is built, not brought
    assert not let_through("pipeline/cli/__pycache__/main.cpython-311.pyc")
    assert let_through("console/web/src/main.ts") and let_through("pipeline/cli/main.py")


def test_it_runs_as_nobody_in_particular_and_is_asked_how_it_is() -> None:
    found = stages()
    for target in ("runtime", "runtime-cuda"):
        users = [line.split()[1] for line in found[target][1] if line.startswith("USER")]
        assert users[-1] == "10001:10001"
    assert any(line.startswith("HEALTHCHECK") and '"hotline", "health"' in line for line in found["runtime"][1])
    assert any(line.startswith("STOPSIGNAL SIGTERM") for line in found["runtime"][1])
    owners = {
        mount.split("uid=")[1].split(",")[0] for s in services().values() for mount in _mounts(s.raw) if "uid=" in mount
    }
    assert owners == {"10001"}


def _mounts(raw: dict[str, object]) -> list[str]:
    found = raw.get("tmpfs", [])
    assert isinstance(found, list)
    return found


def test_only_what_runs_is_installed_and_every_version_is_pinned() -> None:
    installs = [line for _, lines in stages().values() for line in lines if "pip install" in line]
    assert len(installs) == 3
    assert all("constraints.txt" in line or "--no-deps" in line for line in installs)
    assert not any(word in line for line in installs for word in ("[dev]", "[training]", "pytest"))
    pinned = re.findall(r"^([\w.-]+)==", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.M)
    cuda = [line for line in stages()["runtime-cuda"][1] if "pip install" in line]
    assert set(re.findall(r"nvidia-[\w-]+", " ".join(cuda))) <= set(pinned)


def test_the_targets_compose_asks_for_exist_and_images_have_their_own_names() -> None:
    built = {(s.raw["image"].split(":")[0], s.raw["build"]["target"]) for s in services().values() if s.is_hotline}
    assert built == {("hotline-copilot", "runtime"), ("hotline-copilot-cuda", "runtime-cuda")}
    assert {target for _, target in built} <= stages().keys()


def test_python_is_the_one_its_paths_speak_of() -> None:
    text = "\n".join(LINES)
    (version,) = set(re.findall(r"python:(\d+\.\d+)", text))
    assert set(re.findall(r"lib/python(\d+\.\d+)", text)) == {version}
    node = re.search(r"node:(\d+)", text)
    assert node and int(node[1]) >= 20
