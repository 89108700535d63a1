#include "runtime/connection_owner.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>

namespace kilonova {
namespace {

// The kernel answers at once, or not at all.
constexpr timeval kAnswerLimit{0, 100'000};

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 request;
};

// AF_UNSPEC for what is no address.
int family_of(const std::string& host, void* bytes) {
  if (::inet_pton(AF_INET, host.c_str(), bytes) == 1) return AF_INET;
  if (::inet_pton(AF_INET6, host.c_str(), bytes) == 1) return AF_INET6;
  return AF_UNSPEC;
}

// The kernel looks for the socket whose own end is the source: that is the client's.
std::optional<Question> question_about(const TcpEnd& client, const TcpEnd& server) {
  Question question{};
  inet_diag_sockid& id = question.request.id;
  int family = family_of(client.host, id.idiag_src);
  if (family == AF_UNSPEC || family_of(server.host, id.idiag_dst) != family) return std::nullopt;
  id.idiag_sport = htons(client.port);
  id.idiag_dport = htons(server.port);
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  question.request.sdiag_family = static_cast<uint8_t>(family);
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = ~0U;
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  return question;
}

std::optional<uid_t> asked_of_kernel(const Question& question) {
  Descriptor socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  if (socket.get() < 0 ||
      ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &kAnswerLimit, sizeof kAnswerLimit) != 0 ||
      ::sendto(socket.get(), &question, sizeof question, 0, reinterpret_cast<const sockaddr*>(&kernel),
               sizeof kernel) != sizeof question)
    return std::nullopt;
  char answer[1024];
  ssize_t bytes = ::recv(socket.get(), answer, sizeof answer, 0);
  nlmsghdr header{};
  inet_diag_msg found{};
  if (bytes < static_cast<ssize_t>(NLMSG_HDRLEN + sizeof found)) return std::nullopt;
  std::memcpy(&header, answer, sizeof header);
  if (header.nlmsg_type != SOCK_DIAG_BY_FAMILY) return std::nullopt;
  std::memcpy(&found, answer + NLMSG_HDRLEN, sizeof found);
  // A connection that its process has closed is nobody's any more; the kernel shows it as root's.
  if (found.idiag_inode == 0) return std::nullopt;
  return found.idiag_uid;
}

// "0100007F:1F90": the words of the address as they lie in memory.
std::string in_proc(const inet_diag_sockid& id, bool is_source, bool is_v6) {
  std::string text;
  for (int i = 0; i < (is_v6 ? 4 : 1); ++i)
    text += fmt::format("{:08X}", is_source ? id.idiag_src[i] : id.idiag_dst[i]);
  return text + fmt::format(":{:04X}", ntohs(is_source ? id.idiag_sport : id.idiag_dport));
}

std::optional<uid_t> looked_up_in_proc(const inet_diag_req_v2& asked) {
  const bool is_v6 = asked.sdiag_family == AF_INET6;
  const std::string client = in_proc(asked.id, true, is_v6);
  const std::string server = in_proc(asked.id, false, is_v6);
  std::ifstream table(is_v6 ? "/proc/net/tcp6" : "/proc/net/tcp");
  std::string line;
  while (std::getline(table, line)) {
    std::istringstream columns(line);
    std::string number, local, remote, state, queues, timer, retries, waited;
    uid_t user = 0;
    unsigned long inode = 0;
    columns >> number >> local >> remote >> state >> queues >> timer >> retries >> user >> waited >> inode;
    if (columns && local == client && remote == server && inode != 0) return user;
  }
  return std::nullopt;
}

// A host that is written as a name is one of this machine: the address of it that the client's family has.
std::optional<TcpEnd> listening_end(const std::string& address, const TcpEnd& client) {
  size_t colon = address.rfind(':');
  if (colon == std::string::npos || address.starts_with("unix:")) return std::nullopt;
  TcpEnd end{address.substr(0, colon), 0};
  const char* port = address.data() + colon + 1;
  if (std::from_chars(port, address.data() + address.size(), end.port).ec != std::errc()) return std::nullopt;
  if (end.host.starts_with('[') && end.host.ends_with(']')) end.host = end.host.substr(1, end.host.size() - 2);
  in6_addr bytes{};
  if (family_of(end.host, &bytes) == AF_UNSPEC)
    end.host = family_of(client.host, &bytes) == AF_INET6 ? "::1" : "127.0.0.1";
  return end;
}

}  // namespace

std::optional<uid_t> owner_of_client(const TcpEnd& client, const TcpEnd& server) {
  std::optional<Question> question = question_about(client, server);
  if (!question) return std::nullopt;
  std::optional<uid_t> owner = asked_of_kernel(*question);
  return owner ? owner : looked_up_in_proc(question->request);
}

bool is_own_client(const TcpEnd& client, std::span<const std::string> addresses) {
  for (const std::string& address : addresses) {
    std::optional<TcpEnd> server = listening_end(address, client);
    std::optional<uid_t> owner = server ? owner_of_client(client, *server) : std::nullopt;
    if (owner) return *owner == ::geteuid() || *owner == 0;
  }
  return false;
}

}  // namespace kilonova
