// What clients send over HTTP: the bytes of a connection, and what the front reads of a request before it asks anybody.
// However the bytes are cut, the same requests come out.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "api-server/front/openstack/json.h"
#include "api-server/front/openstack/microversion.h"
#include "api-server/front/openstack/place.h"
#include "api-server/front/openstack/request_meta.h"
#include "api-server/front/openstack/route.h"
#include "api-server/front/openstack/schema.h"
#include "http/request_reader.h"
#include "http/target.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kilonova;

struct Outcome {
  std::vector<std::string> requests;
  unsigned refused = 0;
  bool operator==(const Outcome&) const = default;
};

std::string text_of(const http::Request& request) {
  std::string text = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + "\n" + request.body;
}

Outcome read_in_pieces(std::string_view bytes, size_t piece, std::vector<http::Request>* kept) {
  using State = http::RequestReader::State;
  http::RequestReader reader({.header_bytes = 2'048, .body_bytes = 4'096});
  Outcome outcome;
  while (!bytes.empty()) {
    reader.append(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
    for (State state = reader.advance(); state != State::kNeedsMore; state = reader.advance()) {
      if (state == State::kRefused) {
        outcome.refused = reader.status();
        return outcome;
      }
      if (state != State::kDone) continue;
      http::Request request = reader.take();
      outcome.requests.push_back(text_of(request));
      if (kept != nullptr) kept->push_back(std::move(request));
    }
  }
  return outcome;
}

void read_as_the_front_does(const http::Request& request) {
  using namespace api::openstack;
  static const RouteIndex index(routes());
  static const Rule rule = body_of("server", object({{"name", name(), true}, {"count", integer(1)}, {"id", uuid()}}));
  (void)read_request_meta(request);
  (void)base_url(request, "h");
  if (auto minor = negotiate(request, kLastMinor)) KN_CHECK(*minor >= 1 && *minor <= kLastMinor, "it is in the range");
  if (auto body = parse_json(request.body)) {
    if (auto wrong = check_schema(rule, *body, 1))
      KN_CHECK(parse_json(to_text(wrong->message)).has_value(), "it is text");
    KN_CHECK(parse_json(to_text(*body)) == body, "a body reads back");
  }
  auto target = http::parse_target(request.target);
  if (!target) return;
  for (const std::string& part : target->path) KN_CHECK(http::is_text(part) && !part.empty(), "a part is a text");
  if (auto place = place_of(*target)) (void)index.find(place->service, request.method, place->path, 1);
}

}  // namespace

KN_FUZZ_TARGET(fuzz_http_request) {
  std::vector<http::Request> requests;
  Outcome whole = read_in_pieces(bytes, bytes.size() + 1, &requests);
  for (size_t piece : {size_t{1}, size_t{7}}) {
    Outcome cut = read_in_pieces(bytes, piece, nullptr);
    KN_CHECK(cut.requests == whole.requests, "the same requests come out of bytes that are cut otherwise");
  }
  for (const http::Request& request : requests) {
    KN_CHECK(request.body.size() <= 4'096, "a body has its bound");
    read_as_the_front_does(request);
  }
}
