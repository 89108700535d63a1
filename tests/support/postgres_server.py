"""A PostgreSQL server of a test's own, on a socket in a temporary directory."""

import glob
import os
import pwd
import shutil
import subprocess
import tempfile


def programs():
    """Where initdb and its kin are; "" where PostgreSQL 15 or newer is not installed."""
    found = {int(path.split("/")[4]): path for path in glob.glob("/usr/lib/postgresql/[0-9]*/bin")
             if os.path.exists(path + "/initdb")}
    newest = max(found, default=0)
    return found[newest] if newest >= 15 else ""


class PostgresServer:
    """`with PostgresServer() as server:`; every database is named by server.url(name)."""

    def __init__(self):
        # The runner's directory is its user's alone, and PostgreSQL refuses to run as root.
        self.directory = tempfile.mkdtemp(prefix="kn-pg-", dir="/tmp")
        self.user = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self.directory, user.pw_uid, user.pw_gid)
            self.user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def __enter__(self):
        try:
            self.program("initdb", "-D", self.directory + "/data", "-U", "kilonova", "-A", "trust", "-E", "UTF8",
                         "--locale=C", "--no-sync")
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self.stop()
        except AssertionError:
            pass  # it does not run
        shutil.rmtree(self.directory, ignore_errors=True)

    def program(self, name, *args):
        # Not through a pipe: the server would hold it open.
        with open(self.directory + "/output", "w+", encoding="utf-8") as output:
            done = subprocess.run([f"{programs()}/{name}", *args], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  cwd="/", timeout=60, check=False, **self.user)
            output.seek(0)
            if done.returncode != 0:
                raise AssertionError(f"{name} ended with {done.returncode}: {output.read()}")
            output.seek(0)
            return output.read()

    def start(self):
        self.program("pg_ctl", "-D", self.directory + "/data", "-l", self.directory + "/log", "-w", "-o",
                     f"-k {self.directory} -c listen_addresses= -c fsync=off -c autovacuum=off", "start")

    def stop(self, how="immediate"):
        """At once, as by a power loss, unless it is said otherwise."""
        self.program("pg_ctl", "-D", self.directory + "/data", "-m", how, "-w", "stop")

    def url(self, database):
        return f"postgresql://kilonova@/{database}?host={self.directory}"

    def new_database(self, name):
        self.sql("postgres", f"CREATE DATABASE {name}")
        return self.url(name)

    def sql(self, database, text):
        """Rows as lines."""
        return self.program("psql", "-d", self.url(database), "-X", "-A", "-t", "-q", "-c", text).strip()
