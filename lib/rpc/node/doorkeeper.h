// Doorkeeper: accepts the connections of a process and hands them on, as many as there may be: in all, and from one
// source. It survives what the system refuses: where no descriptor is left it waits a moment and goes on. Through a
// unix socket it lets in processes of this process's user and of root (unix(7), SO_PEERCRED).
//
// A thread of its own waits for the listening sockets and does nothing else; they are accepted on the loop.
#pragma once

#include <grpcpp/alarm.h>
#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "rpc/loop/completion.h"
#include "rpc/loop/grpc_queue.h"
#include "rpc/node/listening_socket.h"

namespace kilonova {

// Loop thread, or the one that prepares and dismantles. The queue must outlive it.
class Doorkeeper {
 public:
  struct Limits {
    size_t connections = 0;
    size_t of_source = 0;  // of one address; unix sockets count as one source, and only in all
  };
  // The connection is the callee's from here on, its descriptor too.
  using Admit = std::function<void(int connection)>;
  // "ipv4:10.0.0.7", and why somebody from there was not let in. May be empty.
  using Refused = std::function<void(const std::string& source, const Error& why)>;

  // A quarter of the files that this process may open, at most 4,096; a quarter of these from one source.
  static Limits limits_of(size_t files);

  Doorkeeper(rpc::GrpcQueue& queue, Refused refused);
  Doorkeeper(const Doorkeeper&) = delete;
  Doorkeeper& operator=(const Doorkeeper&) = delete;
  // Stopped and idle.
  ~Doorkeeper();

  // Before start().
  void add(std::vector<ListeningSocket> sockets, Admit admit);
  void start(Limits limits);
  // Nobody is let in any more; nobody listens.
  void stop();
  // Ends every connection that it let in, as the network would: whoever is at its other end loses it. What was written
  // before is delivered. After stop().
  void hang_up();
  // No event of it is on its way through the queue. After stop(), which may have to be waited for.
  bool idle() const;
  // Connections that it let in and that have not ended, as far as it knows.
  size_t known() const { return known_; }

 private:
  struct Door {
    ListeningSocket socket;
    Admit admit;
  };
  // A descriptor is another's when its socket ends: it is told by its number in the system.
  struct Connection {
    int fd;
    ino_t inode;
  };

  void wait_for_sockets();
  void ready(bool ok);
  // How long nobody is to be let in.
  Duration accept_some(Door& door);
  void take(Door& door, int connection, const std::string& source);
  bool has_room(const std::string& source);
  void forget_ended();

  rpc::GrpcQueue& queue_;
  Refused refused_;
  Limits limits_;
  std::vector<Door> doors_;
  std::map<std::string, std::vector<Connection>> connections_;  // by source
  size_t known_ = 0;
  int64_t looked_at_us_ = 0;  // when the ended ones were last looked for

  int orders_ = -1;  // an eventfd: wakes the thread
  std::thread thread_;
  mutable std::mutex mutex_;  // guards what follows
  grpc::Alarm alarm_;
  bool told_ = false;  // the loop, which is to give an order
  bool stopping_ = false;
  Duration pause_;
  rpc::MemberCompletion<Doorkeeper, &Doorkeeper::ready> ready_{this};
};

}  // namespace kilonova
