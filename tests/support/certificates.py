"""Certificates for tests, made by the openssl command: CAs, and what they sign."""

import os
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, stdin=subprocess.DEVNULL)


class Authority:
    """A CA in a directory of its own: `ca.pem`, and NAME.pem with NAME.key for each certificate that it signed."""

    def __init__(self, directory):
        self.directory = directory
        os.makedirs(directory)
        self.ca = self.path("ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=test CA", "-keyout", self.path("ca.key"), "-out", self.ca)

    def path(self, name):
        return os.path.join(self.directory, name)

    def sign(self, name, hosts="DNS:localhost,IP:127.0.0.1", days=2):
        """(certificate, key), for these hosts; with days=-1 it has expired."""
        certificate, key, request = self.path(name + ".pem"), self.path(name + ".key"), self.path(name + ".csr")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
                "-addext", "subjectAltName=" + hosts, "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", self.path("ca.key"), "-CAcreateserial",
                "-copy_extensions", "copy", "-days", str(days), "-out", certificate)
        return certificate, key
