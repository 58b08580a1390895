"""Names that only one process knows: its own /etc/hosts and /etc/resolv.conf, in a mount namespace."""
import os
import shutil
import socket
import subprocess

import pytest

SCRIPT = 'mount --bind "$1/hosts" /etc/hosts && mount --bind "$1/resolv.conf" /etc/resolv.conf && shift && exec "$@"'


def can_have_own():
    return os.getuid() == 0 and shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


class Names:
    """`under` is to be put before a command. `set(name=[addresses])` holds for what is resolved from then on; every
    other name is asked of a name server that takes each question and answers none."""

    def __init__(self, folder, address="127.9.9.9"):
        if not can_have_own():
            pytest.skip("needs a mount namespace, thus root")
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.server.bind((address, 53))
        with open(f"{folder}/resolv.conf", "w") as file:
            file.write(f"nameserver {address}\noptions timeout:30 attempts:3\n")
        self.set({})
        self.under = ["unshare", "-m", "sh", "-c", SCRIPT, "sh", folder]

    def set(self, names):
        with open(f"{self.folder}/hosts", "w") as file:  # in place: it is what is mounted
            file.writelines(f"{address} {name}\n" for name, addresses in names.items() for address in addresses)

    def asked(self):
        """Whether the name server has been asked anything since the last call."""
        self.server.setblocking(False)
        got = False
        try:
            while True:
                self.server.recv(4096)
                got = True
        except BlockingIOError:
            return got

    def close(self):
        self.server.close()
