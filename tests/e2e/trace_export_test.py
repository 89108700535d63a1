"""Traces of launches as files for other viewers, and as spans for a collector of OpenTelemetry."""

import http.server
import json
import os
import re
import sys
import threading
import time
import unittest
import urllib.request
import xml.etree.ElementTree
from concurrent import futures

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../support"))
from cloud import Cloud, free_port
from otlp_messages import REQUEST, spans_in, spans_of

TRACE = "0af7651916cd43dd8448eb211c80319c"
CLIENT_SPAN = "00f067aa0ba902b7"
SVG = "{http://www.w3.org/2000/svg}"


def ask(cloud, path, body, headers):
    asked = urllib.request.Request(f"http://{cloud.json('status')['http']}{path}", json.dumps(body).encode(),
                                   {"Content-Type": "application/json"} | headers)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return answer.headers, json.load(answer)


def create_over_http(cloud, name):
    """With a traceparent of the client's; waits until it is ACTIVE."""
    headers, _ = ask(cloud, "/identity/v3/auth/tokens", {"auth": {
        "identity": {"methods": ["password"],
                     "password": {"user": {"name": "admin", "domain": {"id": "default"}, "password": "kilonova"}}},
        "scope": {"project": {"name": "admin", "domain": {"id": "default"}}}}}, {})
    image = next(one["id"] for one in cloud.json("image", "list") if one["name"] == "cirros")
    ask(cloud, "/compute/v2.1/servers", {"server": {"name": name, "imageRef": image, "flavorRef": "1", "networks": "auto"}},
        {"X-Auth-Token": headers["X-Subject-Token"], "OpenStack-API-Version": "compute 2.93",
         "traceparent": f"00-{TRACE}-{CLIENT_SPAN}-01"})
    cloud.run("wait", "server", name)


class Collector:
    """Takes OTLP over HTTP as the specification has it, and keeps what it was sent."""

    def __init__(self):
        outer = self
        self.requests, self.lock, self.status = [], threading.Lock(), 200

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                with outer.lock:
                    outer.requests.append((self.path, self.headers["Content-Type"], text))
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def spans(self):
        with self.lock:
            return [one for _, _, text in self.requests for one in spans_of(text)]

    def await_spans(self, enough, limit=60):
        end = time.monotonic() + limit
        while time.monotonic() < end:
            if enough(found := self.spans()):
                return found
            time.sleep(0.1)
        raise AssertionError(f"the collector has {sorted(span.name for _, span in self.spans())} after {limit} s")


class GrpcCollector:
    """Takes OTLP over gRPC, with gRPC's own server."""

    def __init__(self):
        import grpc
        self.requests = []
        self.server = grpc.server(futures.ThreadPoolExecutor(4))
        export = grpc.unary_unary_rpc_method_handler(self.export, request_deserializer=REQUEST.FromString,
                                                     response_serializer=lambda _: b"")
        self.server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
            "opentelemetry.proto.collector.trace.v1.TraceService", {"Export": export}),))
        self.url = f"grpc://127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.stop(None).wait()

    def export(self, request, _):
        self.requests.append(request)
        return b""

    def spans(self):
        return [one for request in list(self.requests) for one in spans_in(request)]

    await_spans = Collector.await_spans


class TraceFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cloud = Cloud("--hosts", "4")
        cls.addClassCleanup(cls.cloud.__exit__)
        cls.cloud.up()
        cls.cloud.run("fault", "add", "--step", "claimed", "--count", "1", "--message", "no <room> & more")
        create_over_http(cls.cloud, "web<1>")
        cls.steps = cls.cloud.json("trace", "web<1>")["steps"]

    def test_otlp_is_decoded_with_the_official_messages(self):
        found = spans_of(self.cloud.run("trace", "web<1>", "--as", "otlp").stdout)
        self.assertEqual(sorted(span.name for _, span in found), sorted(step["step"] for step in self.steps))
        ids = [span.span_id for _, span in found]
        self.assertEqual(len(set(ids)), len(ids))
        top = [span for _, span in found if span.name == "request_accepted"]
        for daemon, span in found:
            self.assertEqual(span.trace_id.hex(), TRACE, "the client's own")
            self.assertLessEqual(span.start_time_unix_nano, span.end_time_unix_nano)
            self.assertIn(daemon, self.cloud.daemons())
            self.assertEqual(span.parent_span_id, b"" if span.name == "request_accepted" else top[0].span_id)
        failed = [span for _, span in found if span.status.code == 2]
        self.assertEqual([span.name for span in failed], ["claimed"])
        self.assertIn("no <room> & more", failed[0].status.message)

    def test_a_trace_from_logs_is_the_same(self):
        logs = self.cloud.run("trace", "web<1>", "--as", "otlp", "--from-logs", self.cloud.state_dir).stdout
        self.assertEqual(spans_of(logs), spans_of(self.cloud.run("trace", "web<1>", "--as", "otlp").stdout))

    def test_chrome_follows_the_trace_event_format(self):
        document = json.loads(self.cloud.run("trace", "web<1>", "--as", "chrome").stdout)
        events = document["traceEvents"]
        names = {event["pid"]: event["args"]["name"] for event in events if event["name"] == "process_name"}
        threads = {(event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
        complete = [event for event in events if event["ph"] == "X"]
        self.assertEqual([event["name"] for event in complete], [step["step"] for step in self.steps])
        begin = min(step["start_us"] for step in self.steps)
        for event, step in zip(complete, self.steps):
            self.assertEqual((event["ts"], event["dur"]), (step["start_us"] - begin, step["duration_us"]))
            self.assertEqual(names[event["pid"]], step["daemon"])
            self.assertIn((event["pid"], event["tid"]), threads)
        self.assertEqual({event["ph"] for event in events}, {"M", "X"})

    def test_the_picture_is_xml_with_a_row_for_each_step(self):
        text = self.cloud.run("trace", "web<1>", "--as", "svg").stdout
        picture = xml.etree.ElementTree.fromstring(text)
        rows = [group for group in picture.iter(SVG + "g") if group.get("class", "").startswith("step")]
        self.assertEqual(len(rows), len(self.steps))
        failed = [group for group in rows if group.get("class") == "step failed"]
        self.assertEqual(len(failed), 1)
        self.assertIn("no <room> & more", failed[0].find(SVG + "title").text)
        self.assertEqual(picture.find(SVG + "title").text, "The launch of web<1>")
        self.assertNotRegex(re.sub(r'xmlns="[^"]*"', "", text), "https?:|<script|href=")

    def test_all_launches_and_their_actions_are_one_file(self):
        self.cloud.create("web2")
        self.cloud.run("server", "stop", "web2", "--wait")
        self.addCleanup(self.cloud.run, "server", "delete", "--wait", "web2")
        chrome = json.loads(self.cloud.run("trace", "--all", "--as", "chrome").stdout)
        slices = [event for event in chrome["traceEvents"] if event["ph"] == "X"]
        self.assertEqual(chrome["otherData"]["servers"], 2)
        self.assertEqual(len({event["args"]["server"] for event in slices}), 2)
        self.assertEqual([event["name"] for event in slices if event["cat"] == "action"], ["stop", "compute_stop_instance"])
        found = spans_of(self.cloud.run("trace", "--all", "--as", "otlp").stdout)
        self.assertEqual(len(found), len(slices))
        stop = next(span for _, span in found if span.name == "stop")
        event = next(span for _, span in found if span.name == "compute_stop_instance")
        self.assertEqual((event.parent_span_id, event.trace_id), (stop.span_id, stop.trace_id))

    def test_what_makes_no_file_is_refused(self):
        for words in (("trace", "--all", "--as", "svg"), ("trace", "web<1>", "--follow", "--as", "svg"),
                      ("trace", "web<1>", "--as", "pdf")):
            self.assertEqual(self.cloud.run(*words, check=False).returncode, 2, words)


class SpansTest(unittest.TestCase):
    def test_a_collector_gets_every_step_below_the_clients_span(self):
        with Collector() as collector, Cloud("--hosts", "4", "--otlp-endpoint", collector.url, "--metrics") as cloud:
            create_over_http(cloud, "web1")
            steps = [step["step"] for step in cloud.json("trace", "web1")["steps"]]
            found = collector.await_spans(lambda spans: len(spans) >= len(steps))
            self.assertEqual(sorted(span.name for _, span in found), sorted(steps))
            self.assertEqual({span.trace_id.hex() for _, span in found}, {TRACE})
            by_id = {span.span_id: span for _, span in found}
            for _, span in found:
                if span.name == "request_accepted":
                    self.assertEqual(span.parent_span_id.hex(), CLIENT_SPAN)
                else:
                    self.assertEqual(by_id[span.parent_span_id].name, "request_accepted")
            self.assertEqual({daemon for daemon, _ in found}, set(cloud.daemons()))
            self.assertEqual({request[:2] for request in collector.requests}, {("/v1/traces", "application/json")})

            # The same spans as the command writes of it, but for the client's, which nobody stores.
            written = spans_of(cloud.run("trace", "web1", "--as", "otlp").stdout)
            self.assertEqual({span.span_id for _, span in written}, set(by_id))

            cloud.run("server", "stop", "web1", "--wait")
            found = collector.await_spans(lambda spans: len(spans) >= len(steps) + 2)
            stop = next(span for _, span in found if span.name == "stop")
            event = next(span for _, span in found if span.name == "compute_stop_instance")
            self.assertEqual((event.parent_span_id, event.trace_id), (stop.span_id, stop.trace_id))

            collector.status = 503
            cloud.create("web2")
            address = cloud.daemons()["controller-0"]["metrics"]
            end = time.monotonic() + 60
            while time.monotonic() < end:
                with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as page:
                    dropped = re.search(r'^kilonova_otlp_spans_total{result="dropped"} (\d+)$', page.read().decode(), re.M)
                if int(dropped[1]) == 3:
                    break
                time.sleep(0.1)
            self.assertEqual(dropped[1], "3", "instance_created, schedule_cast and active")
            self.assertIn("spans are dropped: the collector does not take them", cloud.log("controller-0"))

    def test_a_collector_over_grpc_gets_the_same(self):
        with GrpcCollector() as collector, Cloud("--hosts", "2", "--otlp-endpoint", collector.url) as cloud:
            create_over_http(cloud, "web1")
            written = spans_of(cloud.run("trace", "web1", "--as", "otlp").stdout)
            found = collector.await_spans(lambda spans: len(spans) >= len(written))

            def told(spans):
                return {(daemon, span.name, span.trace_id, span.span_id, span.start_time_unix_nano,
                         span.end_time_unix_nano, str(span.attributes)) for daemon, span in spans}

            self.assertEqual(told(found), told(written))

    def test_a_wrong_address_is_refused(self):
        with Cloud("--hosts", "1") as cloud:
            cloud.down()
            for wrong in ("127.0.0.1:4318", "ftp://x", "http://", "http://host:port", "http://user@host:1", "http://a b"):
                refused = cloud.up("--otlp-endpoint", wrong, check=False)
                self.assertEqual(refused.returncode, 2, refused.stderr)
                self.assertIn("is no address of a collector: say http://HOST:PORT", refused.stderr)


if __name__ == "__main__":
    unittest.main()
