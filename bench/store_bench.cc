// How many launches a second the stores take, and the CPU they cost: the three durable pairs of an instant launch
// (create, addresses, active), with a given number of launches under way at once.
//
//   store_bench [--rows N] [--launches N] [--full] [--directory DIR | --store postgresql://...]
//
// Every figure is of the whole process: loop, writer and checkpoint threads. --rows first fills the stores with
// servers. --directory keeps the stores there, and goes on with those of the run before. --store has them in
// PostgreSQL instead of SQLite: the CPU is then this process's, without the server's.
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "runtime/real_loop.h"
#include "runtime/scope.h"
#include "store/open_store.h"

namespace kilonova {
namespace {

struct Options {
  int64_t rows = 0;
  int64_t launches = 50'000;
  SyncMode sync = SyncMode::kNormal;
  std::string directory;
  std::string url;  // of PostgreSQL
  // Whether each group waits for a disk.
  bool syncs() const { return sync == SyncMode::kFull || !url.empty(); }
};

int64_t cpu_microseconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1'000'000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

// One cloud's stores and its launches.
class Launcher {
 public:
  Launcher(RealLoop& loop, ControllerStore& controller, NetworkStore& network, int64_t first_id, uint64_t revision)
      : loop_(loop),
        controller_(controller),
        network_(network),
        random_(static_cast<uint64_t>(first_id)),
        next_id_(first_id),
        revision_(revision) {}

  // `count` launches, `width` of them at a time, each its three pairs one after the other.
  void launch(int64_t count, int width) {
    left_ = count;
    running_ = width;
    Scope scope(loop_);
    for (int i = 0; i < width; ++i) scope.spawn(launch_some());
    loop_.run();
  }

 private:
  Task<void> launch_some() {
    while (left_ > 0) {
      --left_;
      Instance row = instance(next_id_++);
      check(co_await controller_.commit({mutation::InsertInstance{row}, mutation::AppendEvent{event(row)}}));
      check(co_await network_.commit({network_mutation::PutLease{lease(row)}}));
      make_active(row);
      check(co_await controller_.commit({mutation::UpdateInstance{row}, mutation::PutAllocation{allocation(row)},
                                         launch_record(row), mutation::AppendEvent{event(row)}}));
    }
    if (--running_ == 0) loop_.stop();
  }

  static void check(const Expected<>& done) {
    if (!done) fmt::print(stderr, "{}\n", done.error().message);
    KN_CHECK(done.has_value(), "a commit failed");
  }

  Instance instance(int64_t id) {
    Instance row{.id = id,
                 .uuid = random_uuid(random_),
                 .name = fmt::format("server-{}", id),
                 .hostname = fmt::format("server-{}", id),
                 .reservation_id = fmt::format("r-{:08x}", id),
                 .spec = {.project_id = project_,
                          .user_id = project_,
                          .flavor = {"1", "m1.tiny", 1, 512, 1},
                          .image = {project_, "cirros", 16'300'544},
                          .networks = {project_},
                          .security_groups = {"default"}},
                 .trace = {random_uuid(random_), random_uuid(random_), random_.next()}};
    row.current.epoch = row.attempt = 1;
    row.created_at = row.updated_at = loop_.wall_now();
    return row;
  }

  Lease lease(const Instance& row) {
    return {.instance = row.uuid,
            .epoch = 1,
            .hostname = row.hostname,
            .address = {.network_id = project_,
                        .network_name = "private",
                        .ip = {0x0a000000u + static_cast<uint32_t>(row.id)},
                        .prefix = 8,
                        .gateway = {0x0a000001},
                        .mac = {0xfa163e000000u + static_cast<uint64_t>(row.id)},
                        .vlan = 100,
                        .bridge = "br100",
                        .lease_expires_at = loop_.wall_now()}};
  }

  void make_active(Instance& row) {
    row.vm_state = VmState::kActive;
    row.task_state = TaskState::kNone;
    row.power_state = PowerState::kRunning;
    row.current.step = LaunchStep::kActive;
    row.current.host = fmt::format("host-{}", row.id % 1000);
    row.current.addresses = {lease(row).address};
    row.launched_at = row.updated_at = loop_.wall_now();
  }

  static Allocation allocation(const Instance& row) {
    return {row.uuid, row.current.epoch, row.current.host, {1, 512, 1}};
  }

  mutation::AppendLaunchRecord launch_record(const Instance& row) {
    mutation::AppendLaunchRecord record{row.uuid, {}, {}};
    for (int step = 1; step <= 13; ++step) {
      record.steps.push_back({.step = static_cast<LaunchStep>(step),
                              .epoch = 1,
                              .attempt = 1,
                              .daemon = step <= 3 || step == 13 ? "controller-0" : "compute-0",
                              .host = step >= 4 ? row.current.host : "",
                              .start = row.created_at + microseconds(100 * step),
                              .duration = microseconds(20 + step)});
    }
    Decision decision{.epoch = 1, .attempt = 1, .scheduler = "scheduler-0", .driver = "filter", .hosts_total = 1000};
    for (const char* filter : {"ComputeFilter", "RamFilter", "CoreFilter", "DiskFilter"}) {
      decision.filters.push_back({filter, 1000});
    }
    for (int i = 0; i < 3; ++i) {
      decision.weighed.push_back({fmt::format("host-{}", i), 1.5, {{"RAMWeigher", 4096, 1}, {"CPUWeigher", 8, 0.5}}});
    }
    decision.chosen = row.current.host;
    decision.alternates = {"host-1", "host-2"};
    record.decisions.push_back(std::move(decision));
    return record;
  }

  WatchEvent event(const Instance& row) {
    return {.revision = ++revision_,
            .time = loop_.wall_now(),
            .project_id = project_,
            .instance = row.uuid,
            .name = row.name,
            .vm_state = row.vm_state,
            .task_state = row.task_state,
            .power_state = row.power_state,
            .host = row.current.host,
            .epoch = row.current.epoch};
  }

  RealLoop& loop_;
  ControllerStore& controller_;
  NetworkStore& network_;
  Random random_;
  Uuid project_ = {{1, 2, 3}};
  int64_t next_id_;
  uint64_t revision_;
  int64_t left_ = 0;
  int running_ = 0;
};

// `store`: the controller's, whose groups are told.
void measure(RealLoop& loop, CountedStore<ControllerStore>& store, Launcher& launcher, int64_t launches, int width) {
  const uint64_t groups = store.counts().groups.count();
  int64_t cpu = cpu_microseconds();
  Instant start = loop.now();
  launcher.launch(launches, width);
  auto seconds = static_cast<double>((loop.now() - start).us) / 1e6;
  auto count = static_cast<double>(launches);
  fmt::print(
      "{:6} at once: {:8.0f} launches/s {:8.0f} commits/s {:7.1f} us CPU a launch {:9.3f} ms a launch {:7.1f} of the "
      "controller's commits a group\n",
      width, count / seconds, 3 * count / seconds, static_cast<double>(cpu_microseconds() - cpu) / count,
      1000 * seconds * width / count, 2 * count / static_cast<double>(store.counts().groups.count() - groups));
}

void run(const Options& options, const std::string& directory) {
  RealLoop loop;
  StorePlace place{.file = directory + "/controller.db", .sync = options.sync};
  if (!options.url.empty()) place.postgres = PostgresOptions{.url = options.url, .holder = "store_bench"};
  auto controller = make_controller_store(loop, place);
  place.file = directory + "/network.db";
  auto network = make_network_store(loop, place);
  int64_t cpu = cpu_microseconds();
  Instant start = loop.now();
  auto state = controller->load();
  if (!state) fmt::print(stderr, "{}\n", state.error().message);
  KN_CHECK(state && network->load(), "the stores could not be opened");
  fmt::print("load of {} servers: {:.2f} s, {:.2f} s CPU\n", state->instances.size(),
             static_cast<double>((loop.now() - start).us) / 1e6, static_cast<double>(cpu_microseconds() - cpu) / 1e6);

  Launcher launcher(loop, *controller, *network, state->last_instance_id + 1, state->revision);
  state = ControllerState{};
  if (options.rows > 0) {
    fmt::print("filling with {} servers:\n", options.rows);
    measure(loop, *controller, launcher, options.rows, 2000);
  }
  for (int width : {1, 8, 64, 512, 4096}) {
    int64_t launches = options.launches;
    if (width < 64) launches /= 10;
    if (options.syncs() && width < 512) launches = std::min<int64_t>(launches, 200 * width);
    if (launches > 0) measure(loop, *controller, launcher, launches, width);
  }
  if (!options.url.empty()) return;
  for (const char* name : {"controller.db", "network.db"}) {
    fmt::print("{}: {} MB\n", name, std::filesystem::file_size(directory + "/" + name) / 1'000'000);
  }
}

Options parse(int count, char** arguments) {
  Options options;
  for (int i = 1; i < count; ++i) {
    std::string argument = arguments[i];
    bool valued = i + 1 < count;
    if (argument == "--full") {
      options.sync = SyncMode::kFull;
    } else if (argument == "--rows" && valued) {
      options.rows = std::atoll(arguments[++i]);
    } else if (argument == "--directory" && valued) {
      options.directory = arguments[++i];
    } else if (argument == "--store" && valued) {
      options.url = arguments[++i];
    } else if (argument == "--launches" && valued) {
      options.launches = std::atoll(arguments[++i]);
    } else {
      fmt::print(stderr, "usage: store_bench [--rows N] [--launches N] [--full] [--directory DIR | --store URL]\n");
      std::exit(2);
    }
  }
  return options;
}

}  // namespace
}  // namespace kilonova

int main(int count, char** arguments) {
  kilonova::Options options = kilonova::parse(count, arguments);
  if (!options.directory.empty()) {
    std::filesystem::create_directories(options.directory);
    kilonova::run(options, options.directory);
    return 0;
  }
  std::string directory = (std::filesystem::temp_directory_path() / "store-bench-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) return 1;
  kilonova::run(options, directory);
  std::filesystem::remove_all(directory);
}
