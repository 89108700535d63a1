// PostgresProxy: stands between a store and its server, and cuts the connection at a chosen COMMIT.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kilonova {

class PostgresProxy {
 public:
  enum class Cut {
    kNone,
    kBeforeCommit,  // the server never hears of it
    kAfterCommit,   // the server's answer is lost
  };

  // `url`: of a database, by a socket directory, as PostgresServer's.
  explicit PostgresProxy(const std::string& url);
  ~PostgresProxy();
  PostgresProxy(const PostgresProxy&) = delete;

  // The same database through the proxy.
  const std::string& url() const { return url_; }
  // The next group that is committed. `meanwhile` is called on the proxy's thread when the connection is cut.
  void cut(Cut where, std::function<void()> meanwhile = {});
  int cuts() const { return cuts_; }

 private:
  void serve();
  void pump(int client);
  bool cuts_here(Cut where, const std::string& bytes);

  std::string directory_;
  std::string server_socket_;
  std::string url_;
  int listener_ = -1;
  int stop_ = -1;
  std::atomic<int> cuts_{0};
  std::mutex mutex_;  // guards what follows
  Cut cut_ = Cut::kNone;
  std::function<void()> meanwhile_;
  std::vector<std::thread> pumps_;
  std::thread thread_;
};

}  // namespace kilonova
