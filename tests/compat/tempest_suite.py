"""Tempest of Debian (33), unmodified: OpenStack's own integration tests."""

import configparser
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from suite import SuiteTest

TEMPEST = "/usr/bin/tempest"
TESTS = "/usr/lib/python3/dist-packages"

# What this cloud has of what Tempest asks about; the rest is Tempest's default.
CONFIGURATION = {
    "auth": {"use_dynamic_credentials": "true", "admin_username": "admin", "admin_password": "kilonova",
             "admin_project_name": "admin", "admin_domain_name": "Default",
             "default_credentials_domain_name": "Default"},
    "identity": {"auth_version": "v3", "region": "RegionOne", "v3_endpoint_type": "public"},
    "identity-feature-enabled": {"api_v2": "false", "api_v2_admin": "false", "api_v3": "true", "trust": "true",
                                 "security_compliance": "false", "application_credentials": "true",
                                 "access_rules": "true", "project_tags": "true"},
    "compute": {"flavor_ref": "1", "flavor_ref_alt": "2", "fixed_network_name": "private", "min_compute_nodes": "2",
                "hypervisor_type": "fake", "max_microversion": "latest", "build_interval": "1", "build_timeout": "90"},
    "compute-feature-enabled": {
        "resize": "true", "cold_migration": "true", "live_migration": "true", "live_migrate_back_and_forth": "false",
        "block_migration_for_live_migration": "true", "change_password": "true", "console_output": "true",
        "pause": "true", "suspend": "true", "shelve": "true", "shelve_migrate": "true", "snapshot": "true",
        "rescue": "true", "interface_attach": "true", "config_drive": "true", "vnc_console": "false",
        "spice_console": "false", "serial_console": "false", "enable_instance_password": "true",
        "metadata_service": "false", "personality": "false", "attach_encrypted_volume": "false",
        "volume_backed_live_migration": "false", "swap_volume": "false"},
    "image": {"build_interval": "1"},
    "image-feature-enabled": {"import_image": "true"},
    "network": {"floating_network_name": "public", "project_network_cidr": "10.100.0.0/16", "build_interval": "1"},
    "network-feature-enabled": {"ipv6": "true", "floating_ips": "true"},
    "validation": {"run_validation": "false", "connect_method": "floating"},
    "service_available": {"nova": "true", "glance": "true", "neutron": "true", "cinder": "false", "swift": "false",
                          "horizon": "false"},
}


def write_workspace(directory, more):
    """What Tempest looks for in the directory that it runs in. `more`: {section: {option: value}} over the above."""
    directory = pathlib.Path(directory)
    configuration = configparser.ConfigParser(interpolation=None)
    configuration["DEFAULT"] = {"log_dir": str(directory), "log_file": "tempest.log", "debug": "false"}
    configuration["oslo_concurrency"] = {"lock_path": str(directory / "lock")}
    for sections in (CONFIGURATION, more):
        for section, options in sections.items():
            if not configuration.has_section(section):
                configuration.add_section(section)
            configuration[section].update(options)
    (directory / "etc").mkdir()
    with open(directory / "etc/tempest.conf", "w") as file:
        configuration.write(file)
    (directory / ".stestr.conf").write_text(
        f"[DEFAULT]\ntest_path={TESTS}/tempest/test_discover\ntop_dir={TESTS}\ngroup_regex=([^\\.]*\\.)*\n")
    subprocess.run(["/usr/bin/stestr", "init"], cwd=directory, check=True, capture_output=True)


class TempestTest(SuiteTest):
    known_in = "tempest_known.txt"
    up_args = ("--hosts", "4", "--timing", "test")

    @classmethod
    def run_environment(cls):
        return os.environ | {"HOME": str(cls.workspace), "TEMPEST_CONFIG_DIR": str(cls.workspace / "etc")}

    @classmethod
    def list_tests(cls):
        with tempfile.TemporaryDirectory() as directory:
            write_workspace(directory, {})
            environment = os.environ | {"HOME": directory, "TEMPEST_CONFIG_DIR": f"{directory}/etc"}
            done = subprocess.run([TEMPEST, "run", "--list-tests", "--regex", cls.selection], cwd=directory,
                                  env=environment, capture_output=True, text=True, timeout=300)
        tests = [re.sub(r"\[.*", "", line) for line in done.stdout.splitlines() if line.startswith("tempest.")]
        if not tests:
            raise AssertionError(f"Tempest lists no test of {cls.selection}: {done.stderr}{done.stdout}")
        return sorted(tests)

    @classmethod
    def prepare(cls):
        def ids(*words):
            return {row["name"]: row["id"] for row in cls.cloud.json(*words)}

        image = ids("image", "list")["cirros"]
        extensions = cls().http("GET", "/networking/v2.0/extensions").json["extensions"]
        more = {"identity": {"uri_v3": f"{cls.base}/identity/v3"},
                "compute": {"image_ref": image, "image_ref_alt": image},
                "image": {"image_path": str(cls.workspace / "image.img")},
                "network": {"public_network_id": ids("network", "list")["public"]},
                "network-feature-enabled": {"api_extensions": ",".join(one["alias"] for one in extensions)},
                "auth": {"create_isolated_networks": "true"}}
        write_workspace(cls.workspace, more)

    @classmethod
    def run_command(cls):
        return [TEMPEST, "run", "--concurrency", str(cls.concurrency), "--regex", cls.selection]
