#include "http/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "runtime/sleep.h"

namespace kilonova::http {
namespace {

constexpr size_t kReadBytes = 16 * 1024;
constexpr size_t kStreamedPiece = 256 * 1024;

// On the stack of whoever reads, not in the frame of every connection that waits.
IoResult read_into(ByteStream* stream, RequestReader* reader) {
  std::array<char, kReadBytes> bytes;
  IoResult result = stream->read(bytes);
  if (result.status == IoStatus::kDone && reader != nullptr) reader->append({bytes.data(), result.bytes});
  return result;
}

class Connection {
 public:
  Connection(Loop* loop, Waits* waits, const ConnectionOptions& options, ByteStream* stream, ConnectionState* state)
      : loop_(loop), waits_(waits), options_(options), stream_(stream), state_(state), reader_(options.limits) {}

  // The next request; nothing when there will be none. A refusal was answered then.
  Task<std::optional<Request>> next();
  Task<bool> write(std::string bytes);
  Task<bool> write_stream(BodySource* source, bool in_chunks);
  // Until the client has ended too, so that what was written last is not thrown away with what it still sends.
  Task<void> linger();
  bool wants_close() const { return reader_.wants_close(); }

 private:
  Task<bool> wait(IoStatus direction, Instant until);
  Task<void> refuse(unsigned status);
  Instant read_limit(Instant begun) const;

  Loop* loop_;
  Waits* waits_;
  const ConnectionOptions& options_;
  ByteStream* stream_;
  ConnectionState* state_;
  RequestReader reader_;
  bool header_is_read_ = false;
};

Task<bool> Connection::wait(IoStatus direction, Instant until) {
  auto ready = waits_->open();
  stream_->wait(direction, ready.id());
  std::optional<bool> answer = co_await ready.wait_for(std::max(Duration{}, until - loop_->now()));
  co_return answer.has_value();
}

Instant Connection::read_limit(Instant begun) const {
  if (state_->is_idle) return begun + options_.idle_limit;
  // Beast parses a header when it is whole: until then it is not known which part is being sent.
  return begun + (header_is_read_ ? options_.request_limit : options_.header_limit);
}

Task<std::optional<Request>> Connection::next() {
  using State = RequestReader::State;
  Instant begun = loop_->now();
  size_t passed = 0;  // of a streamed body since `begun`
  header_is_read_ = false;
  if (reader_.has_begun()) state_->is_idle = false;
  for (;;) {
    State state = reader_.advance();
    if (reader_.sink() && state != State::kRefused) {
      std::string piece = reader_.take_piece();
      passed += piece.size();
      if (!piece.empty()) co_await reader_.sink()->write(std::move(piece));
      if (passed >= options_.least_streamed) {
        passed = 0;
        begun = loop_->now();
      }
    }
    if (state == State::kDone) co_return reader_.take();
    if (state == State::kRefused) {
      co_await refuse(reader_.status());
      co_return std::nullopt;
    }
    if (state == State::kHeaderIsRead) {
      header_is_read_ = true;
      if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return std::nullopt;
      continue;
    }
    header_is_read_ = header_is_read_ || reader_.header_is_read();
    IoResult result = read_into(stream_, &reader_);
    if (result.status == IoStatus::kEnd) co_return std::nullopt;
    if (result.status == IoStatus::kDone) {
      if (std::exchange(state_->is_idle, false)) begun = loop_->now();
      if (loop_->now() > read_limit(begun)) {  // a byte now and then is not enough
        co_await refuse(408);
        co_return std::nullopt;
      }
      continue;
    }
    if (co_await wait(result.status, read_limit(begun))) continue;
    if (!state_->is_idle) co_await refuse(408);
    co_return std::nullopt;
  }
}

Task<bool> Connection::write(std::string bytes) {
  std::string_view left = bytes;
  Instant until = loop_->now() + options_.write_limit;
  while (!left.empty()) {
    IoResult result = stream_->write(left);
    if (result.status == IoStatus::kEnd) co_return false;
    if (result.status == IoStatus::kDone) {
      left.remove_prefix(result.bytes);
      until = loop_->now() + options_.write_limit;
      continue;
    }
    if (!co_await wait(result.status, until)) co_return false;
  }
  co_return true;
}

// Not all of it: the client has to see that by the end of the connection.
Task<bool> Connection::write_stream(BodySource* source, bool in_chunks) {
  for (;;) {
    Expected<std::string> piece = co_await source->read(kStreamedPiece);
    if (!piece) co_return false;
    const bool is_last = piece->empty();
    if (in_chunks) *piece = fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece);
    if (!co_await write(std::move(*piece))) co_return false;
    if (is_last) co_return true;
    co_await yield(*loop_);
  }
}

Task<void> Connection::refuse(unsigned status) {
  Response response{status, {{"Content-Type", "text/plain; charset=UTF-8"}}, std::string(reason_of(status)) + "\n"};
  if (co_await write(serialize(response, loop_->wall_now(), false, true))) co_await linger();
}

Task<void> Connection::linger() {
  stream_->end_writing();
  Instant until = loop_->now() + options_.linger_limit;
  for (size_t left = 64; left > 0 && loop_->now() < until;) {
    IoResult result = read_into(stream_, nullptr);
    if (result.status == IoStatus::kEnd) co_return;
    if (result.status == IoStatus::kDone)
      --left;
    else if (!co_await wait(result.status, until))
      co_return;
  }
}

}  // namespace

Task<void> serve_connection(Loop* loop, Waits* waits, const Handler* handler, ConnectionOptions options, TcpEnd client,
                            bool is_tls, ByteStream* stream, ConnectionState* state) {
  Connection connection(loop, waits, options, stream, state);
  for (;;) {
    state->is_idle = true;
    state->idle_since = loop->now();
    std::optional<Request> request = co_await connection.next();
    if (!request) co_return;
    state->is_idle = false;
    request->client = client;
    request->is_tls = is_tls;
    request->received = loop->wall_now();
    request->received_at = loop->now();
    bool head = request->method == "HEAD";
    bool close = connection.wants_close();
    Response response = co_await (*handler)(std::move(*request));
    if (response.hangs_up) co_return;
    std::string bytes = serialize(response, loop->wall_now(), head, close);
    std::shared_ptr<BodySource> stream = head ? nullptr : std::move(response.stream);
    const bool in_chunks = !close && find_header(response.headers, "Transfer-Encoding") != nullptr;
    response = {};
    if (!co_await connection.write(std::move(bytes))) co_return;
    if (stream && !co_await connection.write_stream(stream.get(), in_chunks)) co_return;
    if (close) {
      co_await connection.linger();
      co_return;
    }
    co_await yield(*loop);  // whoever sends without end waits its turn
  }
}

}  // namespace kilonova::http
