// Sends one HTTP request again and again over several connections that are kept, and says how many were answered, with which
// status, and how long each took.
//
//   http_bench HOST PORT FILE CONNECTIONS SECONDS     FILE: the whole request, as it goes over the wire
//   http_bench HOST PORT - CONNECTIONS SECONDS        connections that say nothing, for who looks at the memory
//
// One JSON object on standard output. Exit code 1 when anything but 2xx was answered, or a connection broke.
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using Clock = std::chrono::steady_clock;

struct Load {
  asio::ip::tcp::endpoint server;
  std::string request;
  Clock::time_point end;
  std::map<unsigned, size_t> statuses;
  std::vector<double> milliseconds;
  size_t broken = 0;
};

asio::awaitable<void> connection(Load& load) try {
  auto executor = co_await asio::this_coro::executor;
  beast::tcp_stream stream(executor);
  co_await stream.async_connect(load.server, asio::use_awaitable);
  stream.socket().set_option(asio::ip::tcp::no_delay(true));
  if (load.request.empty()) {
    asio::steady_timer timer(executor, load.end);
    co_return co_await timer.async_wait(asio::use_awaitable);
  }
  beast::flat_buffer buffer;
  while (Clock::now() < load.end) {
    const Clock::time_point begun = Clock::now();
    co_await asio::async_write(stream.socket(), asio::buffer(load.request), asio::use_awaitable);
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(64 << 20);
    co_await beast::http::async_read(stream, buffer, parser, asio::use_awaitable);
    load.milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
    ++load.statuses[parser.get().result_int()];
  }
} catch (const std::exception&) {
  ++load.broken;
}

double at(const std::vector<double>& sorted, double part) {
  return sorted.empty() ? 0 : sorted[static_cast<size_t>(part * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::cerr << "usage: http_bench HOST PORT FILE CONNECTIONS SECONDS\n";
    return 2;
  }
  Load load;
  load.server = {asio::ip::make_address(argv[1]), static_cast<uint16_t>(std::atoi(argv[2]))};
  if (std::string(argv[3]) != "-") {
    std::ifstream file(argv[3], std::ios::binary);
    load.request.assign(std::istreambuf_iterator<char>(file), {});
  }
  const Clock::time_point begun = Clock::now();
  load.end = begun + std::chrono::milliseconds(static_cast<int64_t>(std::atof(argv[5]) * 1000));
  asio::io_context loop(1);
  for (int i = 0; i < std::atoi(argv[4]); ++i) asio::co_spawn(loop, connection(load), asio::detached);
  loop.run();
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  std::ranges::sort(load.milliseconds);
  size_t good = 0;
  std::cout << "{\"statuses\": {";
  for (auto it = load.statuses.begin(); it != load.statuses.end(); ++it) {
    std::cout << (it == load.statuses.begin() ? "" : ", ") << '"' << it->first << "\": " << it->second;
    if (it->first / 100 == 2) good += it->second;
  }
  std::cout << "}, \"broken\": " << load.broken << ", \"seconds\": " << seconds
            << ", \"per_second\": " << static_cast<double>(good) / seconds
            << ", \"p50_ms\": " << at(load.milliseconds, 0.5) << ", \"p99_ms\": " << at(load.milliseconds, 0.99)
            << "}\n";
  return load.broken == 0 && good == load.milliseconds.size() ? 0 : 1;
}
