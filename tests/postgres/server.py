"""A real PostgreSQL for the tests, from Debian's package: a cluster of its own in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

from tests.kafka.broker import free_port

USER = "postgres"  # the server refuses to run as root
PACKAGED = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """The folder with initdb and pg_ctl; None where PostgreSQL is not installed."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).parent
    versions = sorted(PACKAGED.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


class Server:
    """One server; stopped and started again over the same data."""

    def __init__(self, folder: Path) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("there is no PostgreSQL here (apt install postgresql)")
        self._bin, self._data, self.port = found, folder / "data", free_port()
        folder.mkdir(parents=True, exist_ok=True)
        self._as_root = os.geteuid() == 0
        if self._as_root:
            account = pwd.getpwnam(USER)
            os.chown(folder, account.pw_uid, account.pw_gid)
            for parent in folder.parents:  # a temporary folder is closed to others; the server must pass through
                if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o011 != 0o011:
                    parent.chmod(parent.stat().st_mode | 0o011)
        self._run("initdb", "-D", str(self._data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")

    @property
    def url(self) -> str:
        """SQLAlchemy URL of a database whose user may create others."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/postgres"

    def start(self) -> Server:
        settings = f"-h 127.0.0.1 -p {self.port} -k {self._data} -c fsync=off -c max_connections=200"
        self._run(
            "pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-l", str(self._data / "output"), "-o", settings, "start"
        )
        return self

    def stop(self, how: str = "fast") -> None:
        """`fast` ends politely; `immediate` as a power cut would."""
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", how, "stop")

    @property
    def pid(self) -> int:
        """Of the process that all others of the server are children of."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._bin / program), *arguments]
        if self._as_root:
            command = ["runuser", "-u", USER, "--", *command]
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, cwd="/"
        )
        if done.returncode:
            raise RuntimeError(f"{program} ended with {done.returncode}: {done.stdout[-1500:]}")
