"""A PostgreSQL server of the benchmarks' own: Debian's newest, as production has it (it syncs), reached by a Unix socket.

It goes with the benchmark, and so does its folder."""
import glob
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time


class Server:
    def __init__(self):
        # A socket's path must stay short.
        self.folder = tempfile.mkdtemp(prefix="steward-bench-pg-", dir="/tmp")
        self.bin = max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))
        # PostgreSQL will not run as root.
        self.user = []
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.folder, user.pw_uid, user.pw_gid)
            self.user = ["setpriv", "--reuid", str(user.pw_uid), "--regid", str(user.pw_gid), "--clear-groups"]
        os.chmod(self.folder, 0o755)
        data = os.path.join(self.folder, "data")
        subprocess.run(self.user + [f"{self.bin}/initdb", "-D", data, "-U", "steward", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8"],
                       check=True, stdout=subprocess.DEVNULL, cwd="/")
        settings = ["listen_addresses=", "unix_socket_permissions=0777", f"unix_socket_directories={self.folder}", "shared_buffers=512MB",
                    "max_connections=100", "max_wal_size=4GB"]
        words = [word for setting in settings for word in ("-c", setting)]
        self.process = subprocess.Popen(self.user + [f"{self.bin}/postgres", "-D", data] + words, stderr=subprocess.DEVNULL, cwd="/")
        subprocess.run([f"{self.bin}/pg_isready", "-q", "-t", "60", "-h", self.folder], check=False)
        while subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", self.folder]).returncode != 0:
            if self.process.poll() is not None:
                raise SystemExit("PostgreSQL does not start")

    def url(self, database="steward"):
        return f"postgresql:///{database}?host={self.folder}&user=steward"

    def psql(self, database, *words):
        """An argv."""
        return [f"{self.bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.url(database), *words]

    def run(self, sql, database="postgres"):
        return subprocess.run(self.psql(database, "-c", sql), check=True, capture_output=True, text=True).stdout.strip()

    def wait_until_calm(self):
        """So that no side pays for what the other left to be written."""
        self.run("CHECKPOINT")
        time.sleep(0.2)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def trips(argv, env, folder):
    """Round trips of a command after it has connected: how often it waits for an answer to what it sent."""
    trace = os.path.join(folder, "trips")
    subprocess.run(["strace", "-f", "-e", "trace=sendto,recvfrom", "-o", trace] + argv, check=True, env=env, stdout=subprocess.DEVNULL)
    count, sent = 0, False
    for call, result in re.findall(r"^\d+ +(sendto|recvfrom)\(.* = (-?\d+)", open(trace).read(), re.M):
        if call == "sendto":
            sent = True
        elif sent and int(result) > 0:
            count, sent = count + 1, False
    return count - 1  # the first is the connection's
