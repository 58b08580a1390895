"""Authorities and certificates for tests, made with openssl."""
import os
import subprocess


class Authority:
    """`ca.crt` in `folder`, and what it has signed. Keys are readable by their owner alone, as PostgreSQL wants it."""

    def __init__(self, folder, name="test authority"):
        self.folder = folder
        os.makedirs(folder, mode=0o755, exist_ok=True)
        os.chmod(folder, 0o755)
        self._run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", f"/CN={name}")
        self.file = f"{folder}/ca.crt"

    def sign(self, name, owner=None):
        """(certificate, key) of a server or client called `name`; the key belongs to `owner`, a user's id."""
        with open(f"{self.folder}/{name}.names", "w") as names:
            names.write(f"subjectAltName=DNS:{name}")
        self._run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        self._run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                  "-out", f"{name}.crt", "-extfile", f"{name}.names")
        key = f"{self.folder}/{name}.key"
        os.chmod(key, 0o600)
        if owner is not None and os.getuid() == 0:
            os.chown(key, owner, owner)
        return f"{self.folder}/{name}.crt", key

    def _run(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True)
