#include "http/server.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/socket_base.hpp>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "base/source_counts.h"
#include "http/loop_executor.h"
#include "http/socket_stream.h"
#include "runtime/file_limit.h"
#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/source_address.h"

namespace kilonova::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// How long nobody is let in when the system has no file descriptors left, or no memory.
constexpr Duration kAcceptPause = milliseconds(100);
constexpr int kAcceptedInARow = 64;

// Errors of accept() that are about one connection that is gone already; all others are about this process.
bool is_of_one_connection(const error_code& error) {
  return error == asio::error::connection_aborted || error == asio::error::interrupted ||
         error == asio::error::connection_reset || error == boost::system::errc::protocol_error ||
         error == asio::error::network_down || error == asio::error::host_unreachable ||
         error == asio::error::network_unreachable || error == boost::system::errc::permission_denied;
}

// Half of the files are for what else the process does.
size_t most_connections(size_t wanted) { return std::clamp<size_t>(raise_file_limit() / 2, 1, wanted); }

bool somebody_waits(tcp::acceptor& acceptor) {
  pollfd listener{acceptor.native_handle(), POLLIN, 0};
  return ::poll(&listener, 1, 0) > 0;
}

std::string text_of(const tcp::endpoint& endpoint) {
  std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

std::unexpected<Error> refusal(const std::string& address, const error_code& error) {
  ErrorCode code = error == asio::error::address_in_use                  ? ErrorCode::kAlreadyExists
                   : error == boost::system::errc::address_not_available ? ErrorCode::kInvalidArgument
                                                                         : ErrorCode::kUnavailable;
  std::string why = error == asio::error::address_in_use ? "another process listens there" : error.message();
  return fail(code, fmt::format("cannot listen on {}: {}", address, why));
}

}  // namespace

struct Server::State {
  struct Listener {
    tcp::acceptor acceptor;
    TlsContext tls;
  };
  struct Open {
    std::unique_ptr<ByteStream> stream;
    std::string source;
    ConnectionState state;
    FlowId flow = 0;
  };

  State(RealLoop& owner, Handler answers, ServerOptions wanted)
      : loop(owner),
        handler(std::move(answers)),
        options(std::move(wanted)),
        max_connections(most_connections(options.max_connections)),
        sources(
            {SIZE_MAX, options.max_of_source != 0 ? options.max_of_source : std::max<size_t>(1, max_connections / 4)}),
        work(asio::make_work_guard(io)),
        executor(owner, io),
        waits(std::make_shared<Waits>(owner)),
        scope(std::in_place, owner) {}

  ~State() { stop(); }

  void stop() {
    if (!scope) return;
    scope.reset();  // flows go before what they wait for
    connections.clear();
    listeners.clear();
    work.reset();
    io.stop();
    if (thread.joinable()) thread.join();
    waits.reset();
  }

  Task<void> accept_all(Listener* listener);
  // Accepts what waits; how long to pause before the next try.
  Duration accept_some(Listener& listener);
  void open(Socket socket, const TlsContext& tls);
  Task<void> serve(uint64_t id, TcpEnd client, bool is_tls);
  // Closes the connection that has waited for its next request for longest, of one source or of all (""). False: none
  // does.
  bool make_room(std::string_view source);
  void erase(std::map<uint64_t, Open>::iterator connection);

  RealLoop& loop;
  Handler handler;
  ServerOptions options;
  size_t max_connections;
  SourceCounts<std::string> sources;  // of connections
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work;
  LoopExecutor executor;
  std::shared_ptr<Waits> waits;
  std::list<Listener> listeners;
  std::map<uint64_t, Open> connections;
  uint64_t next_id = 1;
  std::optional<Scope> scope;  // none after stop()
  std::thread thread;          // waits for sockets; does nothing else
};

Task<void> Server::State::accept_all(Listener* listener) {
  for (;;) {
    auto ready = waits->open();
    listener->acceptor.async_wait(
        tcp::acceptor::wait_read,
        asio::bind_executor(executor, [known = std::weak_ptr<Waits>(waits), id = ready.id()](error_code) {
          if (auto waiting = known.lock()) waiting->complete(id, true);
        }));
    (void)co_await ready.wait();
    if (Duration pause = accept_some(*listener); pause > Duration{}) co_await sleep_for(loop, pause);
  }
}

Duration Server::State::accept_some(Listener& listener) {
  for (int i = 0; i < kAcceptedInARow; ++i) {
    if (connections.size() >= max_connections) {
      if (!somebody_waits(listener.acceptor)) return {};  // nobody is to go for nobody
      if (!make_room("")) return kAcceptPause;
    }
    error_code error;
    Socket socket(io);
    listener.acceptor.accept(socket, error);
    if (error == asio::error::would_block || error == asio::error::try_again) return {};
    if (error && !is_of_one_connection(error)) return kAcceptPause;
    if (!error) open(std::move(socket), listener.tls);
  }
  return {};
}

bool Server::State::make_room(std::string_view source) {
  auto idlest = connections.end();
  for (auto it = connections.begin(); it != connections.end(); ++it)
    if (it->second.state.is_idle && (source.empty() || it->second.source == source) &&
        (idlest == connections.end() || it->second.state.idle_since < idlest->second.state.idle_since))
      idlest = it;
  if (idlest == connections.end()) return false;
  scope->cancel(idlest->second.flow);
  erase(idlest);
  return true;
}

void Server::State::erase(std::map<uint64_t, Open>::iterator connection) {
  sources.give_back(connection->second.source);
  connections.erase(connection);
}

void Server::State::open(Socket socket, const TlsContext& tls) {
  error_code error;
  tcp::endpoint client = socket.remote_endpoint(error);
  if (error) return;  // gone already
  std::string source = source_of_host(client.address().to_string());
  bool has_room = sources.of(source) < sources.limits().of_source || make_room(source);
  if (!has_room) return;
  (void)sources.take(source);
  uint64_t id = next_id++;
  Open& connection = connections[id];
  connection.source = source;
  connection.stream = make_stream(std::move(socket), tls, executor, waits);
  connection.flow = scope->spawn(serve(id, {client.address().to_string(), client.port()}, tls != nullptr));
}

Task<void> Server::State::serve(uint64_t id, TcpEnd client, bool is_tls) {
  Open& connection = connections.at(id);
  co_await serve_connection(&loop, waits.get(), &handler, options.connection, std::move(client), is_tls,
                            connection.stream.get(), &connection.state);
  erase(connections.find(id));
}

Server::Server(RealLoop& loop, Handler handler, ServerOptions options)
    : state_(std::make_unique<State>(loop, std::move(handler), std::move(options))) {}

Server::~Server() = default;

Expected<> Server::listen(const std::string& address, const TlsContext& tls) {
  size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (colon == std::string::npos || host.empty())
    return fail(ErrorCode::kInvalidArgument, fmt::format("'{}' is no address to listen on: say HOST:PORT", address));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  error_code error;
  auto found = tcp::resolver(state_->io).resolve(host, address.substr(colon + 1), tcp::resolver::passive, error);
  if (error || found.empty())
    return fail(ErrorCode::kInvalidArgument, fmt::format("cannot listen on {}: {}", address, error.message()));
  tcp::endpoint endpoint = found.begin()->endpoint();
  tcp::acceptor acceptor(state_->io);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) acceptor.set_option(asio::ip::v6_only(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (!error) acceptor.non_blocking(true, error);
  if (error) return refusal(address, error);
  state_->listeners.push_back({std::move(acceptor), tls});
  state_->scope->spawn(state_->accept_all(&state_->listeners.back()));
  if (!state_->thread.joinable()) state_->thread = std::thread([this] { state_->io.run(); });
  return {};
}

std::vector<std::string> Server::addresses() const {
  std::vector<std::string> texts;
  for (const State::Listener& listener : state_->listeners) {
    error_code error;
    tcp::endpoint endpoint = listener.acceptor.local_endpoint(error);
    if (!error) texts.push_back(text_of(endpoint));
  }
  return texts;
}

void Server::stop() { state_->stop(); }

size_t Server::connections() const { return state_->connections.size(); }

}  // namespace kilonova::http
