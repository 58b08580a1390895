"""A PostgreSQL with wal2json of the test's own, that can be restarted in every way."""
import glob
import os
import signal
import subprocess

import psycopg2
import psycopg2.extensions

from .processes import PATIENCE, free_port, give_to_servers, spawn, wait_until

STOP = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    "max_prepared_transactions": "10",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "fsync": "off",  # no test here cuts the machine's power
    "synchronous_commit": "on",
}


def bin_folder():
    if "TEST_PG_BIN" in os.environ:
        return os.environ["TEST_PG_BIN"]
    plugins = glob.glob("/usr/lib/postgresql/*/lib/wal2json.so")
    version = max(int(path.split("/")[4]) for path in plugins)
    return f"/usr/lib/postgresql/{version}/bin"


def copy_folder(source, target):
    subprocess.check_call(["rm", "-rf", target])
    subprocess.check_call(["cp", "-a", source, target])


class Postgres:
    """`role` is what the service connects as: LOGIN and REPLICATION and nothing else."""

    role = "realtime"

    def __init__(self, folder, copy_of=None, **settings):
        """A new cluster, or a copy of the stopped server `copy_of` (its saved state where save() made one)."""
        self.folder, self.data, self.port = folder, f"{folder}/data", free_port()
        self.log_path, self.process = f"{folder}/log", None
        give_to_servers(folder)
        if copy_of is not None:
            copy_folder(copy_of.data, self.data)
            self.configure(unix_socket_directories=folder, **settings)
            return  # to be started by who made it
        self._initialise(folder)
        self.start()
        self.sql(f"create role {self.role} login replication")

    def _initialise(self, folder):
        command = [f"{bin_folder()}/initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-N", "--no-instructions"]
        made = spawn(command + ["-E", "UTF8", "--locale=C.UTF-8"], as_server=True, cwd=folder, stdout=subprocess.DEVNULL)
        assert made.wait() == 0, "initdb failed"
        settings = dict(SETTINGS, unix_socket_directories=folder)
        sample = subprocess.check_output([f"{bin_folder()}/pg_config", "--sharedir"], text=True).strip()
        with open(f"{sample}/postgresql.conf.sample") as text:
            if "output_plugin_libraries" in text.read():  # older minor releases refuse to start with it
                settings["output_plugin_libraries"] = "pgoutput, test_decoding, wal2json"
        self.configure(**settings)

    def configure(self, **settings):
        """For the next start; what is set last counts."""
        with open(f"{self.data}/postgresql.conf", "a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def alter(self, restart=False, **settings):
        """ALTER SYSTEM, and they hold when it returns. A value is written as in SQL."""
        for name, value in settings.items():
            self.sql(f"alter system set {name} = {value}")
        if restart:
            self.restart()
        else:
            self.sql("select pg_reload_conf(), pg_sleep(0.2)")

    # --- its histories; the server is stopped meanwhile
    def save(self):
        copy_folder(self.data, f"{self.folder}/saved")

    def restore(self):
        """Back to what save() has kept."""
        copy_folder(f"{self.folder}/saved", self.data)

    def follow(self, primary):
        """The next start makes it a standby of `primary`, which is the one it was copied from."""
        self.configure(primary_conninfo=f"host=127.0.0.1 port={primary.port} user=postgres", hot_standby="on")
        open(f"{self.data}/standby.signal", "w").close()

    def start(self):
        log = open(self.log_path, "ab")
        command = [f"{bin_folder()}/postgres", "-D", self.data, "-p", str(self.port)]
        self.process = spawn(command, dies_by=signal.SIGQUIT, as_server=True, cwd=self.folder, stdout=log, stderr=log)
        wait_until(self._last_log_line, self.answers)

    def stop(self, mode="fast", timeout=PATIENCE):
        self.process.send_signal(STOP[mode])
        self.process.wait(timeout)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def answers(self):
        try:
            self.connect().close()
            return True
        except psycopg2.OperationalError:
            return False

    def connect(self, database="postgres", user="postgres", **options):
        connection = psycopg2.connect(
            host="127.0.0.1", port=self.port, dbname=database, user=user, connect_timeout=60, **options
        )
        connection.autocommit = True
        return connection

    def sql(self, statement, values=None, database="postgres"):
        """Runs it in a connection of its own as superuser, autocommit; the rows, if it gives any."""
        connection = self.connect(database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()

    def value(self, statement, values=None, database="postgres"):
        rows = self.sql(statement, values, database)
        return rows[0][0] if rows else None

    def slot(self, name):
        """The slot as a dictionary; None if there is none."""
        return self.value("select to_jsonb(s) from pg_replication_slots s where slot_name = %s", (name,))

    def held_back(self, name):
        """Bytes of WAL that the slot has not confirmed yet."""
        return int(self.value("select pg_current_wal_lsn() - confirmed_flush_lsn from pg_replication_slots where slot_name = %s", (name,)))

    def _last_log_line(self):
        with open(self.log_path, errors="replace") as log:
            return "PostgreSQL ready: " + (log.readlines() or [""])[-1]


def lsn_value(text):
    high, low = text.split("/")
    return int(high, 16) << 32 | int(low, 16)
