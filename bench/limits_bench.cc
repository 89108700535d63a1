// What the machine allows, without anything of kilonova: an empty unary call of gRPC with one thread on each side, groups of
// rows that SQLite commits, pages that a file takes, two processes that wake each other. A line of JSON for each. What a
// launch costs is compared with these of the same minute. Usage: limits_bench [milliseconds for each]
#include <fcntl.h>
#include <fmt/format.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"

namespace kilonova {
namespace {

using Clock = std::chrono::steady_clock;

double cpu_microseconds(int who) {
  rusage usage{};
  ::getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// Repeats the work for so long; its wall time and this process's CPU each time, in microseconds.
struct Cost {
  double count = 0;
  double wall_us = 0;
  double cpu_us = 0;
};

template <class Work>
Cost repeat(std::chrono::milliseconds time, Work&& work) {
  Cost cost;
  const double cpu = cpu_microseconds(RUSAGE_SELF);
  const auto began = Clock::now();
  while (Clock::now() - began < time) cost.count += work();
  const std::chrono::duration<double, std::micro> took = Clock::now() - began;
  cost.wall_us = took.count() / cost.count;
  cost.cpu_us = (cpu_microseconds(RUSAGE_SELF) - cpu) / cost.count;
  return cost;
}

void print(const char* what, const Cost& cost, double other_cpu_us = 0) {
  fmt::print("{{\"what\": \"{}\", \"us\": {:.2f}, \"per_s\": {:.0f}, \"cpu_us\": {:.2f}}}\n", what, cost.wall_us,
             1e6 / cost.wall_us, cost.cpu_us + other_cpu_us);
}

// ---- a unary call

// One call at the server: asked for, read, answered, over.
class EchoCall {
 public:
  EchoCall(grpc::AsyncGenericService& service, grpc::ServerCompletionQueue& queue)
      : service_(service), queue_(queue), stream_(&context_) {
    service_.RequestCall(&context_, &stream_, &queue_, &queue_, this);
  }

  void advance(bool ok) {
    switch (ok ? stage_ : Stage::kOver) {
      case Stage::kAsked:
        new EchoCall(service_, queue_);
        stream_.Read(&bytes_, this);
        stage_ = Stage::kRead;
        return;
      case Stage::kRead:
        stream_.WriteAndFinish(bytes_, grpc::WriteOptions(), grpc::Status::OK, this);
        stage_ = Stage::kOver;
        return;
      case Stage::kOver: delete this;
    }
  }

 private:
  enum class Stage { kAsked, kRead, kOver };
  grpc::AsyncGenericService& service_;
  grpc::ServerCompletionQueue& queue_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_;
  grpc::ByteBuffer bytes_;
  Stage stage_ = Stage::kAsked;
};

[[noreturn]] void serve_echo(const std::string& address) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  grpc::AsyncGenericService service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterAsyncGenericService(&service);
  auto queue = builder.AddCompletionQueue();
  auto server = builder.BuildAndStart();
  KN_CHECK(server != nullptr, "the echo could not listen");
  new EchoCall(service, *queue);
  void* tag = nullptr;
  bool ok = false;
  while (queue->Next(&tag, &ok)) static_cast<EchoCall*>(tag)->advance(ok);
  ::_exit(0);
}

// So many calls under way at once, all of one thread.
class Caller {
 public:
  explicit Caller(const std::string& address)
      : channel_(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())), stub_(channel_) {
    const auto limit = std::chrono::system_clock::now() + std::chrono::seconds(10);
    while (!channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(50)))
      KN_CHECK(std::chrono::system_clock::now() < limit, "the echo does not answer");
  }

  void begin() {
    auto* call = new Call;
    call->reader = stub_.PrepareUnaryCall(&call->context, "/limits/Echo", empty_, &queue_);
    call->reader->StartCall();
    call->reader->Finish(&call->reply, &call->status, call);
  }

  // Waits for the answer of one, and begins another.
  double next() {
    void* tag = nullptr;
    bool ok = false;
    KN_CHECK(queue_.Next(&tag, &ok), "the queue of the calls has ended");
    std::unique_ptr<Call> call(static_cast<Call*>(tag));
    KN_CHECK(call->status.ok(), "an echo failed");
    begin();
    return 1;
  }

 private:
  struct Call {
    grpc::ClientContext context;
    grpc::ByteBuffer reply;
    grpc::Status status;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
  };
  grpc::Slice no_bytes_{"", 0};
  grpc::ByteBuffer empty_{&no_bytes_, 1};
  std::shared_ptr<grpc::Channel> channel_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
};

void measure_echo(const std::string& directory, int under_way, std::chrono::milliseconds time) {
  const std::string address = fmt::format("unix:{}/echo-{}", directory, under_way);
  // gRPC does not survive a fork: each side has a process of its own, and this one has none.
  pid_t client = ::fork();
  if (client == 0) {
    pid_t server = ::fork();
    if (server == 0) serve_echo(address);
    Caller caller(address);
    for (int i = 0; i < under_way; ++i) caller.begin();
    caller.next();
    const Cost cost = repeat(time, [&] { return caller.next(); });
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    print(under_way == 1 ? "unary echo, one at a time" : "unary echo, 64 at once", cost,
          cpu_microseconds(RUSAGE_CHILDREN) / cost.count);
    std::fflush(stdout);
    ::_exit(0);
  }
  ::waitpid(client, nullptr, 0);
}

// ---- the disk

void run_sql(sqlite3* database, const char* sql) {
  KN_CHECK(sqlite3_exec(database, sql, nullptr, nullptr, nullptr) == SQLITE_OK, sqlite3_errmsg(database));
}

// As the stores are opened, by default; rows of a kilobyte at the end of a table.
void measure_sqlite(const std::string& directory, int rows, std::chrono::milliseconds time) {
  sqlite3* database = nullptr;
  const std::string path = fmt::format("{}/{}.db", directory, rows);
  KN_CHECK(sqlite3_open(path.c_str(), &database) == SQLITE_OK, "no database could be made");
  run_sql(database,
          "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; CREATE TABLE t (id INTEGER PRIMARY KEY, row BLOB)");
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO t (row) VALUES (zeroblob(1000))", -1, &insert, nullptr);
  const Cost cost = repeat(time, [&] {
    run_sql(database, "BEGIN IMMEDIATE");
    for (int i = 0; i < rows; ++i) {
      KN_CHECK(sqlite3_step(insert) == SQLITE_DONE, sqlite3_errmsg(database));
      sqlite3_reset(insert);
    }
    run_sql(database, "COMMIT");
    return 1;
  });
  sqlite3_finalize(insert);
  sqlite3_close(database);
  print(rows == 1 ? "SQLite commit of 1 row" : "SQLite commit of 64 rows", cost);
}

void measure_pwrite(const std::string& directory, std::chrono::milliseconds time) {
  const std::string page(4096, 'x');
  const int file = ::open((directory + "/pages").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  KN_CHECK(file >= 0, "no file could be made");
  off_t at = 0;
  constexpr off_t kMost = 64 << 20;  // then from the beginning
  print("pwrite of a page", repeat(time, [&] {
          KN_CHECK(::pwrite(file, page.data(), page.size(), at) == static_cast<ssize_t>(page.size()),
                   "a page was refused");
          at = (at + static_cast<off_t>(page.size())) % kMost;
          return 1;
        }));
  ::close(file);
}

// ---- the kernel

// Two processes, a byte there and a byte back: two of them are one round.
void measure_switch(std::chrono::milliseconds time) {
  int there[2];
  int back[2];
  KN_CHECK(::pipe(there) == 0 && ::pipe(back) == 0, "no pipes");
  char byte = 0;
  pid_t other = ::fork();
  if (other == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (::read(there[0], &byte, 1) == 1 && ::write(back[1], &byte, 1) == 1) {
    }
    ::_exit(0);
  }
  const Cost cost = repeat(time, [&] {
    KN_CHECK(::write(there[1], &byte, 1) == 1 && ::read(back[0], &byte, 1) == 1, "the other process is gone");
    return 2;
  });
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
  print("waking another process", cost);
}

void run(std::chrono::milliseconds time) {
  std::string pattern = (std::filesystem::temp_directory_path() / "kilonova-limits-XXXXXX").string();
  KN_CHECK(::mkdtemp(pattern.data()) != nullptr, "no directory could be made");
  measure_switch(time);
  measure_pwrite(pattern, time);
  measure_sqlite(pattern, 1, time);
  measure_sqlite(pattern, 64, time);
  std::fflush(stdout);
  measure_echo(pattern, 1, time);
  measure_echo(pattern, 64, time);
  std::filesystem::remove_all(pattern);
}

}  // namespace
}  // namespace kilonova

int main(int argc, char** argv) {
  kilonova::run(std::chrono::milliseconds(argc > 1 ? ::atoi(argv[1]) : 2000));
  return 0;
}
