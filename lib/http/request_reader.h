// RequestReader: the requests of one connection out of its bytes, however they are cut. Boost.Beast parses; what it
// lets pass and RFC 9112 forbids is refused here.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace kilonova::http {

struct ReadLimits {
  size_t header_bytes = 16 * 1024;  // of the request line and all headers; more is 431
  size_t body_bytes = 112 * 1024;   // oslo.middleware's max_request_body_size; more is 413
  // The same for a request whose headers are whole, of which no byte of the body was taken: less for a stranger. Never
  // more than body_bytes. Empty: those.
  std::function<size_t(const Request& head)> body_bytes_of;
  // Which bodies are streamed, and how long those may be. Empty: none.
  SinkOf sink_of;
  uint64_t streamed_bytes = uint64_t{1} << 40;  // Glance's image_size_cap
};

// Loop thread only. A request costs memory from its first byte on; between requests there is none.
class RequestReader {
 public:
  enum class State {
    kNeedsMore,     // nothing yet, or a part
    kHeaderIsRead,  // the client waits for "100 Continue"; call advance() again
    kDone,          // take() it
    kRefused,       // status() says with what; nothing can be read any more
  };

  explicit RequestReader(ReadLimits limits);
  ~RequestReader();
  RequestReader(RequestReader&&) noexcept;

  // More bytes of the connection.
  void append(std::string_view bytes);
  // As far as the bytes reach.
  State advance();
  // Where the body of the request that has begun goes; nullptr = it is held.
  const std::shared_ptr<BodySink>& sink() const { return sink_; }
  // What came of a streamed body since it was asked last.
  std::string take_piece();
  // The whole request, once; the bytes behind it are the next one's.
  Request take();

  // The headers of the request that has begun are whole.
  bool header_is_read() const { return parser_ != nullptr && header_is_read_; }
  // A request has begun, and is not taken.
  bool has_begun() const;
  // The client wants the connection closed behind this request: of the one that take() gave last.
  bool wants_close() const { return wants_close_; }
  // 400, 413, 417, 431 or 505.
  unsigned status() const { return status_; }

 private:
  struct Parser;
  State refuse(unsigned status);
  State wait_for_more();
  State check_header();
  bool limit_body();

  ReadLimits limits_;
  std::string bytes_;  // not parsed yet
  std::shared_ptr<BodySink> sink_;
  std::unique_ptr<Parser> parser_;
  bool header_is_read_ = false;
  bool wants_close_ = false;
  unsigned status_ = 0;
};

}  // namespace kilonova::http
