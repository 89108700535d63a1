#!/usr/bin/env python3
"""A client of the public gRPC service: launches a server, watches it, says where the time went, and deletes it.

Takes the cloud and the user from the environment, as `kilonova run` and `eval "$(kilonova openrc)"` set it. Needs
python3-grpcio, python3-protobuf, protobuf-compiler and protobuf-compiler-grpc; the stubs are made anew each time.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import grpc

PROTO = pathlib.Path(__file__).resolve().parent.parent / "proto"


def make_stubs(directory):
    files = [str(file.relative_to(PROTO)) for file in sorted(PROTO.glob("kilonova/v1/*.proto"))]
    subprocess.run(["protoc", f"-I{PROTO}", f"--python_out={directory}", f"--grpc_out={directory}",
                    f"--plugin=protoc-gen-grpc={shutil.which('grpc_python_plugin')}", *files], check=True)
    sys.path.insert(0, directory)


def main():
    with tempfile.TemporaryDirectory() as directory:
        make_stubs(directory)
        from kilonova.v1 import cloud_admin_pb2, cloud_pb2_grpc, cloud_servers_pb2 as servers

        with grpc.insecure_channel(os.environ["KILONOVA_ENDPOINT"]) as channel:
            cloud = cloud_pb2_grpc.CloudStub(channel)
            login = cloud.Login(cloud_admin_pb2.LoginRequest(
                user=os.environ["OS_USERNAME"], password=os.environ["OS_PASSWORD"], project=os.environ["OS_PROJECT_NAME"]))
            who = [("authorization", "Bearer " + login.token)]

            made = cloud.CreateServers(servers.CreateServersRequest(name="web", flavor="m1.tiny", image="cirros"), metadata=who)
            server = made.servers[0].id
            print(f"web is {server}")
            # From the revision of the answer on: nothing that happens to the server is missed.
            watch = cloud.Watch(servers.WatchRequest(since=made.revision, server=server), metadata=who)
            statuses = (event.status for reply in watch for event in reply.events)
            end = next(status for status in statuses if status in ("ACTIVE", "ERROR"))
            watch.cancel()
            print(f"web is {end}")

            record = cloud.GetLaunchRecord(servers.GetLaunchRecordRequest(server=server), metadata=who)
            for step in record.steps:
                print(f"{step.step:>2} {step.daemon:<14} {step.duration_us:>8} us")
            cloud.DeleteServer(servers.DeleteServerRequest(server=server), metadata=who)
            return 0 if end == "ACTIVE" else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except grpc.RpcError as error:
        sys.exit(f"{error.code().name}: {error.details()}")
