"""OTLP's messages as OpenTelemetry's own .proto files have them (proto/opentelemetry), compiled by the distribution's protoc."""

import base64
import json
import os
import subprocess
import tempfile

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../proto")
SERVICE = "opentelemetry/proto/collector/trace/v1/trace_service.proto"
IDS = {"traceId": 16, "spanId": 8, "parentSpanId": 8}  # bytes


def request_class():
    with tempfile.TemporaryDirectory() as directory:
        out = os.path.join(directory, "set")
        subprocess.run(["protoc", f"-I{HERE}", "--include_imports", f"--descriptor_set_out={out}", SERVICE], check=True)
        with open(out, "rb") as file:
            files = descriptor_pb2.FileDescriptorSet.FromString(file.read())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    name = pool.FindMessageTypeByName("opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest")
    factory = getattr(message_factory, "GetMessageClass", None)  # newer than Debian 12's
    return factory(name) if factory else message_factory.MessageFactory(pool).GetPrototype(name)


def with_base64_ids(value):
    """OTLP's JSON has ids in hexadecimal, where protobuf's has bytes in base64: its one difference."""
    if isinstance(value, list):
        return [with_base64_ids(one) for one in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for key, one in value.items():
        if key in IDS:
            data = bytes.fromhex(one)
            assert len(data) == IDS[key] and any(data), f"{key}: {one}"
            changed[key] = base64.b64encode(data).decode()
        else:
            changed[key] = with_base64_ids(one)
    return changed


REQUEST = request_class()


def spans_of(text):
    """[(service.instance.id, span)] of a request; raises where it is none: unknown fields and wrong types too."""
    return spans_in(json_format.ParseDict(with_base64_ids(json.loads(text)), REQUEST()))


def spans_in(request):
    """The same of one that came over gRPC."""
    found = []
    for resource in request.resource_spans:
        attributes = {one.key: one.value.string_value for one in resource.resource.attributes}
        for scope in resource.scope_spans:
            found += [(attributes["service.instance.id"], span) for span in scope.spans]
    return found
