#include "http/socket_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <climits>
#include <utility>

namespace kilonova::http {
namespace {

using boost::system::error_code;

// Sockets are read and written by the loop's thread; the other one only waits.
class PlainStream : public ByteStream {
 public:
  PlainStream(Socket socket, LoopExecutor executor, std::weak_ptr<Waits> waits)
      : socket_(std::move(socket)), executor_(executor), waits_(std::move(waits)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  }

  IoResult read(std::span<char> into) override {
    error_code error;
    size_t bytes = socket_.read_some(boost::asio::buffer(into.data(), into.size()), error);
    return result(bytes, error, IoStatus::kWaitReadable);
  }
  IoResult write(std::string_view bytes) override {
    error_code error;
    size_t written = socket_.write_some(boost::asio::buffer(bytes), error);
    return result(written, error, IoStatus::kWaitWritable);
  }
  void wait(IoStatus direction, uint64_t id) override {
    auto what = direction == IoStatus::kWaitWritable ? Socket::wait_write : Socket::wait_read;
    socket_.async_wait(what, boost::asio::bind_executor(executor_, [waits = waits_, id](error_code) {
                         if (auto known = waits.lock()) known->complete(id, true);
                       }));
  }
  void end_writing() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 protected:
  Socket& socket() { return socket_; }

 private:
  static IoResult result(size_t bytes, const error_code& error, IoStatus wait) {
    if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) return {wait, 0};
    if (error || bytes == 0) return {IoStatus::kEnd, 0};
    return {IoStatus::kDone, bytes};
  }

  Socket socket_;
  LoopExecutor executor_;
  std::weak_ptr<Waits> waits_;
};

class TlsStream final : public PlainStream {
 public:
  TlsStream(Socket socket, const TlsContext& tls, LoopExecutor executor, std::weak_ptr<Waits> waits)
      : PlainStream(std::move(socket), executor, std::move(waits)), ssl_(::SSL_new(tls.get()), &::SSL_free) {
    if (!ssl_ || ::SSL_set_fd(ssl_.get(), this->socket().native_handle()) != 1) {
      ssl_.reset();
      return;
    }
    ::SSL_set_accept_state(ssl_.get());  // the first read or write shakes hands
  }

  IoResult read(std::span<char> into) override {
    if (!ssl_) return {};
    ::ERR_clear_error();
    return result(::SSL_read(ssl_.get(), into.data(), length(into.size())));
  }
  IoResult write(std::string_view bytes) override {
    if (!ssl_) return {};
    ::ERR_clear_error();
    return result(::SSL_write(ssl_.get(), bytes.data(), length(bytes.size())));
  }
  void end_writing() override {
    ::ERR_clear_error();
    if (ssl_ && ::SSL_is_init_finished(ssl_.get())) ::SSL_shutdown(ssl_.get());
    ::ERR_clear_error();
    PlainStream::end_writing();
  }

 private:
  static int length(size_t size) { return static_cast<int>(std::min<size_t>(size, INT_MAX)); }

  IoResult result(int bytes) {
    if (bytes > 0) return {IoStatus::kDone, static_cast<size_t>(bytes)};
    int why = ::SSL_get_error(ssl_.get(), bytes);
    ::ERR_clear_error();
    if (why == SSL_ERROR_WANT_READ) return {IoStatus::kWaitReadable, 0};
    if (why == SSL_ERROR_WANT_WRITE) return {IoStatus::kWaitWritable, 0};
    return {IoStatus::kEnd, 0};
  }

  std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_;
};

}  // namespace

std::unique_ptr<ByteStream> make_stream(Socket socket, const TlsContext& tls, LoopExecutor executor,
                                        std::weak_ptr<Waits> waits) {
  if (!tls) return std::make_unique<PlainStream>(std::move(socket), executor, std::move(waits));
  return std::make_unique<TlsStream>(std::move(socket), tls, executor, std::move(waits));
}

}  // namespace kilonova::http
