"""A client of the public service made from the protocol's descriptors alone: nothing generated, the distribution's grpcio."""

import functools
import os

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

BUILD = os.environ.get("KILONOVA_BUILD_DIR", os.path.join(os.path.dirname(__file__), "../../build"))
SERVICE = "kilonova.v1.Cloud"


def load_messages():
    files = descriptor_pb2.FileDescriptorSet()
    with open(os.path.join(BUILD, "proto/kilonova_proto.descriptors.pb"), "rb") as file:
        files.ParseFromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    return pool


POOL = load_messages()


@functools.cache
def message(name):
    descriptor = POOL.FindMessageTypeByName("kilonova.v1." + name)
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    return message_factory.MessageFactory(POOL).GetPrototype(descriptor)


class Client:
    def __init__(self, address, credentials=None, options=()):
        self.channel = (grpc.insecure_channel(address, options=options) if credentials is None else
                        grpc.secure_channel(address, credentials, options=options))
        self.token = None

    def metadata(self, more=()):
        return ((("authorization", "Bearer " + self.token),) if self.token is not None else ()) + tuple(more)

    def call(self, operation, metadata=(), timeout=20, **fields):
        """The reply and the grpc.Call; grpc.RpcError for every other status than OK."""
        method = self.channel.unary_unary(
            f"/{SERVICE}/{operation}", request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=message(operation + "Reply").FromString)
        return method.with_call(message(operation + "Request")(**fields), metadata=self.metadata(metadata),
                                timeout=timeout)

    def ask(self, operation, **fields):
        return self.call(operation, **fields)[0]

    def login(self, user="admin", password="kilonova", project="admin"):
        self.token = None
        self.token = self.ask("Login", user=user, password=password, project=project).token
        return self

    def watch(self, metadata=(), timeout=30, **fields):
        stream = self.channel.unary_stream(
            f"/{SERVICE}/Watch", request_serializer=lambda m: m.SerializeToString(),
            response_deserializer=message("WatchReply").FromString)
        return stream(message("WatchRequest")(**fields), metadata=self.metadata(metadata), timeout=timeout)
