#include "http/client.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <chrono>
#include <optional>

namespace kilonova::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;

using Request = wire::request<wire::string_body>;
using Response = wire::response<wire::string_body>;

constexpr uint64_t kMostOfABody = 64 << 20;

template <class Stream>
asio::awaitable<void> speak(Stream& stream, const Request& request, Response& response) {
  co_await wire::async_write(stream, request, asio::use_awaitable);
  beast::flat_buffer buffer;
  wire::response_parser<wire::string_body> parser;
  parser.body_limit(kMostOfABody);
  if (request.method() == wire::verb::head) parser.skip(true);
  co_await wire::async_read(stream, buffer, parser, asio::use_awaitable);
  response = parser.release();
}

asio::awaitable<void> connect_and_speak(const ClientRequest& to, asio::ssl::context* tls,
                                        std::chrono::microseconds limit, const Request& request, Response& response) {
  auto executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  auto addresses = co_await resolver.async_resolve(to.host, to.port, asio::use_awaitable);
  if (tls == nullptr) {
    beast::tcp_stream stream(executor);
    stream.expires_after(limit);
    co_await stream.async_connect(addresses, asio::use_awaitable);
    co_return co_await speak(stream, request, response);
  }
  asio::ssl::stream<beast::tcp_stream> stream(executor, *tls);
  stream.set_verify_callback(asio::ssl::host_name_verification(to.host));
  beast::get_lowest_layer(stream).expires_after(limit);
  co_await beast::get_lowest_layer(stream).async_connect(addresses, asio::use_awaitable);
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  co_await speak(stream, request, response);
}

Request wire_request(const ClientRequest& wanted) {
  Request request(wire::string_to_verb(wanted.method), wanted.target, 11);
  request.set(wire::field::host, wanted.host + ":" + wanted.port);
  request.set(wire::field::connection, "close");
  for (const auto& [name, value] : wanted.headers) request.set(name, value);
  request.body() = wanted.body;
  request.prepare_payload();
  return request;
}

}  // namespace

std::string ClientResponse::header(std::string_view name) const {
  for (const auto& [known, value] : headers)
    if (beast::iequals(known, name)) return value;
  return {};
}

Expected<ClientContext> make_client_context(const ClientTls& files) try {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  context->set_verify_mode(asio::ssl::verify_peer);
  if (files.ca.empty()) {
    context->set_default_verify_paths();
  } else {
    context->load_verify_file(files.ca);
  }
  if (!files.certificate.empty()) context->use_certificate_chain_file(files.certificate);
  if (!files.key.empty()) context->use_private_key_file(files.key, asio::ssl::context::pem);
  return context;
} catch (const boost::system::system_error& error) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("the TLS files {} cannot be used: {}",
                          fmt::join(std::vector{files.ca, files.certificate, files.key}, " "), error.code().message()));
}

// What fails does so as an exception of Boost's.
Expected<ClientResponse> exchange(const ClientRequest& request, const ClientContext& tls, Duration limit) {
  const Request sent = wire_request(request);
  Response answered;
  std::optional<std::string> failure;
  asio::io_context loop;
  asio::co_spawn(loop,
                 connect_and_speak(request, static_cast<asio::ssl::context*>(tls.get()),
                                   std::chrono::microseconds(limit.us), sent, answered),
                 [&failure](const std::exception_ptr& thrown) {
                   try {
                     if (thrown) std::rethrow_exception(thrown);
                   } catch (const boost::system::system_error& error) {
                     failure = error.code().message();
                   } catch (const std::exception& error) {
                     failure = error.what();
                   }
                 });
  loop.run();
  if (failure)
    return fail(ErrorCode::kUnavailable,
                fmt::format("{}:{} does not answer: {}", request.host, request.port, *failure));
  ClientResponse response{.status = answered.result_int(),
                          .reason = std::string(answered.reason()),
                          .headers = {},
                          .body = std::move(answered.body())};
  for (const auto& field : answered)
    response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return response;
}

}  // namespace kilonova::http
