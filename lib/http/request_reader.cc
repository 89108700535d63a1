// What Beast holds to be impossible must not be a client's to bring about: its assertions throw here, which is a refusal.
#define BOOST_ENABLE_ASSERT_HANDLER

#include "http/request_reader.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "base/check.h"

namespace boost {

void assertion_failed(char const* expression, char const*, char const*, long) { throw std::logic_error(expression); }
void assertion_failed_msg(char const* expression, char const*, char const*, char const*, long) {
  throw std::logic_error(expression);
}

}  // namespace boost

namespace kilonova::http {
namespace {

// Of a body in chunks that much is still to come until it is whole: "0", two line ends. Beast 1.81 asserts that it is
// given no less once it has seen the last chunk's size.
constexpr size_t kLeastOfChunks = 5;

namespace beast = boost::beast::http;

unsigned status_of(const boost::system::error_code& error) {
  if (error == beast::error::header_limit || error == beast::error::buffer_overflow) return 431;
  if (error == beast::error::body_limit) return 413;
  if (error == beast::error::bad_version) return 505;
  return 400;
}

// Beast's own limit of headers, so that it is never the one that strikes.
constexpr size_t kBeyondLimit = 64;

// As Beast's string_body, but that it asks for no memory before there are bytes to put there: a length is a client's word.
struct HeldBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool is_request, class Fields>
    reader(beast::header<is_request, Fields>&, std::string& body) : body_(body) {}
    void init(const boost::optional<uint64_t>& length, boost::system::error_code& error) {
      error = {};
      length_ = length.value_or(0);
    }
    template <class Buffers>
    size_t put(const Buffers& buffers, boost::system::error_code& error) {
      error = {};
      for (auto it = boost::asio::buffer_sequence_begin(buffers); it != boost::asio::buffer_sequence_end(buffers);
           ++it) {
        boost::asio::const_buffer piece = *it;
        const size_t bytes = body_.size() + piece.size();
        // A string that grows by itself takes up to twice as much as there will ever be.
        if (bytes > body_.capacity() && bytes <= length_)
          body_.reserve(static_cast<size_t>(std::min<uint64_t>(length_, 2 * uint64_t{bytes})));
        body_.append(static_cast<const char*>(piece.data()), piece.size());
      }
      return boost::asio::buffer_size(buffers);
    }
    void finish(boost::system::error_code& error) { error = {}; }

   private:
    std::string& body_;
    uint64_t length_ = 0;  // of the whole body; 0 = not said
  };
};

Request head_of(const beast::request<HeldBody>& message) {
  Request request;
  request.method = message.method_string();
  request.target = message.target();
  for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
  return request;
}

}  // namespace

struct RequestReader::Parser {
  beast::request_parser<HeldBody> parser;
  size_t header_taken = 0;  // bytes, of the request line too
};

RequestReader::RequestReader(ReadLimits limits) : limits_(std::move(limits)) {}
RequestReader::~RequestReader() = default;
RequestReader::RequestReader(RequestReader&&) noexcept = default;

void RequestReader::append(std::string_view bytes) { bytes_ += bytes; }

bool RequestReader::has_begun() const { return parser_ != nullptr || !bytes_.empty(); }

RequestReader::State RequestReader::refuse(unsigned status) {
  status_ = status;
  parser_.reset();
  bytes_ = {};
  return State::kRefused;
}

// The connection may wait for long, and has no use for the room of what was parsed.
RequestReader::State RequestReader::wait_for_more() {
  if (bytes_.capacity() > 2 * bytes_.size()) bytes_.shrink_to_fit();
  return State::kNeedsMore;
}

RequestReader::State RequestReader::advance() {
  if (status_ != 0) return State::kRefused;
  // Empty lines before a request are to be ignored (RFC 9112 section 2.2).
  if (!parser_) bytes_.erase(0, std::min(bytes_.find_first_not_of("\r\n"), bytes_.size()));
  if (!parser_ && bytes_.empty()) return State::kNeedsMore;
  if (!parser_) {
    parser_ = std::make_unique<Parser>();
    parser_->parser.header_limit(static_cast<uint32_t>(limits_.header_bytes + kBeyondLimit));
    // Until the headers are there; then by them.
    parser_->parser.body_limit(limits_.sink_of ? std::max<uint64_t>(limits_.streamed_bytes, limits_.body_bytes)
                                               : limits_.body_bytes);
    header_is_read_ = false;
    sink_.reset();
  }
  auto& parser = parser_->parser;
  while (!parser.is_done()) {
    if (parser.is_header_done() && !header_is_read_) {
      header_is_read_ = true;
      if (State state = check_header(); state != State::kNeedsMore) return state;
      parser.eager(true);
      continue;
    }
    if (bytes_.empty()) return wait_for_more();
    if (header_is_read_ && parser.chunked() && bytes_.size() < kLeastOfChunks) return State::kNeedsMore;
    // Of headers no more than they may be long: what Beast makes of longer ones is a matter of how the bytes were cut.
    const bool is_header = !parser.is_header_done();
    const size_t window = is_header ? limits_.header_bytes - parser_->header_taken : bytes_.size();
    if (window == 0) return refuse(431);
    const size_t offered = std::min(bytes_.size(), window);
    boost::system::error_code error;
    size_t taken = 0;
    try {
      taken = parser.put(boost::asio::buffer(bytes_.data(), offered), error);
    } catch (const std::exception&) {
      return refuse(400);
    }
    bytes_.erase(0, taken);
    if (is_header) parser_->header_taken += taken;
    const bool is_too_long = is_header && offered == window && error == beast::error::need_more;
    if (is_too_long) return refuse(431);
    if (error == beast::error::need_more) return wait_for_more();
    if (error) return refuse(status_of(error));
  }
  if (!header_is_read_) {  // a request without a body
    header_is_read_ = true;
    if (State state = check_header(); state == State::kRefused) return state;
  }
  return State::kDone;
}

// What decides where the next request begins must be said once and in one way, or two servers in a row take different
// bytes for it (RFC 9112 sections 3.2, 6.1 and 6.3).
RequestReader::State RequestReader::check_header() {
  const auto& message = parser_->parser.get();
  if (message.version() != 10 && message.version() != 11) return refuse(505);
  size_t lengths = message.count(beast::field::content_length);
  size_t encodings = message.count(beast::field::transfer_encoding);
  std::string_view length = message[beast::field::content_length];
  if (lengths + encodings > 1 || length.find(',') != std::string_view::npos) return refuse(400);
  if (encodings == 1 &&
      (message.version() == 10 || !boost::beast::iequals(message[beast::field::transfer_encoding], "chunked")))
    return refuse(400);
  size_t hosts = message.count(beast::field::host);
  if (hosts > 1 || (hosts == 0 && message.version() == 11)) return refuse(400);
  if (message.method_string() == "CONNECT" || message.target().empty()) return refuse(400);
  if ((lengths + encodings) > 0 && !limit_body()) return refuse(413);
  if (!message.count(beast::field::expect)) return State::kNeedsMore;
  if (!boost::beast::iequals(message[beast::field::expect], "100-continue")) return refuse(417);
  return bytes_.empty() && !parser_->parser.is_done() ? State::kHeaderIsRead : State::kNeedsMore;
}

bool RequestReader::limit_body() {
  auto& parser = parser_->parser;
  Request head = head_of(parser.get());
  if (limits_.sink_of) sink_ = limits_.sink_of(head);
  uint64_t limit = limits_.body_bytes;
  if (sink_)
    limit = limits_.streamed_bytes;
  else if (limits_.body_bytes_of)
    limit = std::min<uint64_t>(limits_.body_bytes_of(head), limit);
  if (auto length = parser.content_length()) return *length <= limit;
  parser.body_limit(limit);  // of all chunks together
  return true;
}

std::string RequestReader::take_piece() {
  return parser_ && sink_ ? std::exchange(parser_->parser.get().body(), {}) : std::string();
}

Request RequestReader::take() {
  KN_CHECK(parser_ && parser_->parser.is_done(), "a request is taken when it is whole");
  wants_close_ = !parser_->parser.keep_alive() || parser_->parser.get().version() == 10;
  auto message = parser_->parser.release();
  parser_.reset();
  Request request = head_of(message);
  request.body = std::move(message.body());
  request.sink = std::move(sink_);
  sink_.reset();
  if (bytes_.empty()) bytes_ = {};
  return request;
}

}  // namespace kilonova::http
