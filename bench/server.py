"""A PostgreSQL server for one benchmark: in a folder of its own, on a socket of its own, as Debian sets it up."""
import glob
import os
import pwd
import shutil
import subprocess
import tempfile
import time

BIN = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1:]


class Server:
    def __enter__(self):
        if not BIN:
            raise SystemExit("There is no PostgreSQL on this machine.")
        self.folder = tempfile.mkdtemp(prefix="steward-bench-pg-", dir="/tmp")
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:  # a server does not run as root
            shutil.chown(self.folder, "postgres")
        self._run("initdb", "-D", f"{self.folder}/data", "-A", "trust", "-U", "bench", "-E", "UTF8", "--locale=C.UTF-8")
        with open(f"{self.folder}/data/postgresql.conf", "a") as conf:
            conf.write(f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n")
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-l", f"{self.folder}/log", "-w", "start")
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "fast", "-w", "stop")
        shutil.rmtree(self.folder)

    def _run(self, program, *words):
        as_user = ["runuser", "-u", self.user, "--"] if os.geteuid() == 0 else []
        subprocess.run(as_user + [f"{BIN[0]}/{program}", *words], check=True, stdout=subprocess.DEVNULL, cwd="/tmp")

    def url(self, database="postgres"):
        return f"postgresql:///{database}?host={self.folder}&user=bench"

    def psql(self, database, *words):
        return ["/usr/bin/psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *words]

    def sql(self, text, database="postgres"):
        return subprocess.run(self.psql(database, "-c", text), check=True, capture_output=True, text=True).stdout.strip()

    def wait_until_calm(self):
        """So that no side pays for what the other left to be written."""
        self.sql("CHECKPOINT")
        time.sleep(0.2)
