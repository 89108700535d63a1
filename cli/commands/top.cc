#include "cli/commands/top.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "cli/client/pages.h"
#include "cli/client/watch.h"
#include "cli/commands/command.h"
#include "cli/output/table.h"
#include "cli/top/terminal_screen.h"
#include "cli/top/top_model.h"

namespace kilonova::cli {
namespace {

constexpr uint64_t kEarlierEvents = 20'000;  // that the first frame knows of
constexpr uint32_t kEarlierServers = 200;
constexpr Duration kMostDrawn = milliseconds(100);  // at most once in so long
constexpr Duration kTick = seconds(1);              // rates and ages go on without events
constexpr auto kAskAgain = std::chrono::seconds(1);

// What all threads of the command share.
class Fleet {
 public:
  explicit Fleet(std::string where) : model_(std::move(where)) {}

  template <class Change>
  void change(Change change) {
    const std::lock_guard lock(mutex_);
    change(model_);
  }
  std::string frame(const FrameStyle& style) {
    const std::lock_guard lock(mutex_);
    return model_.frame(style, wall_now());
  }

 private:
  std::mutex mutex_;
  TopModel model_;
};

// The figures of the cloud, and of its hosts where the user may see them.
Expected<> ask_figures(Session& session, Fleet& fleet, bool& is_admin) {
  auto status = session.call(&v1::Cloud::Stub::GetCloudStatus, v1::GetCloudStatusRequest());
  if (!status) return std::unexpected(std::move(status.error()));
  fleet.change([&](TopModel& model) { model.take_status(status->status()); });
  if (!is_admin) return {};
  auto hosts = list_whole(session, &v1::Cloud::Stub::ListHosts, v1::ListHostsRequest());
  is_admin = hosts || hosts.error().code != ErrorCode::kPermissionDenied;
  if (!hosts) return is_admin ? Expected<>(std::unexpected(std::move(hosts.error()))) : Expected<>();
  fleet.change([&](TopModel& model) { model.take_hosts(*hosts); });
  return {};
}

Expected<> ask_servers(Session& session, Fleet& fleet, bool all_projects) {
  for (const char* status : {"ERROR", "BUILD"}) {
    v1::ListServersRequest request;
    request.set_all_projects(all_projects);
    request.set_status(status);
    request.set_limit(kEarlierServers);
    auto servers = session.call(&v1::Cloud::Stub::ListServers, request);
    if (!servers) return std::unexpected(std::move(servers.error()));
    fleet.change([&](TopModel& model) {
      for (const v1::Server& server : servers->servers()) model.take_earlier(server);
    });
  }
  return {};
}

// The newest events that the cloud keeps. From which revision on the stream is to go on.
Expected<WatchOptions> read_events(Session& session, Fleet& fleet, bool all_projects) {
  Expected<uint64_t> revision = current_revision(session);
  if (!revision) return std::unexpected(std::move(revision.error()));
  WatchOptions watched{
      .since = *revision, .all_projects = all_projects, .stable_only = false, .cloud_events = all_projects};
  v1::ReadEventsRequest request;
  request.set_since(*revision > kEarlierEvents ? *revision - kEarlierEvents : 0);
  request.set_all_projects(all_projects);
  for (;;) {
    auto page = session.call(&v1::Cloud::Stub::ReadEvents, request);
    if (!page && page.error().code == ErrorCode::kOutOfRange) return watched;  // so many are not kept
    if (!page) return std::unexpected(std::move(page.error()));
    fleet.change([&](TopModel& model) {
      for (const v1::WatchEvent& event : page->events()) model.take(event);
    });
    watched.generation = page->generation();
    watched.since = std::max(page->revision(), request.since());
    if (page->events().empty()) return watched;
    request.set_generation(page->generation());
    request.set_since(page->events().rbegin()->revision());
  }
}

// Asks for the figures when something has changed, at most once a second, on a thread of its own.
class Asker {
 public:
  Asker(std::unique_ptr<Session> session, Fleet& fleet, bool is_admin, TerminalScreen& screen)
      : session_(std::move(session)), fleet_(fleet), is_admin_(is_admin), screen_(screen), thread_([this] { run(); }) {}
  ~Asker() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Asker(const Asker&) = delete;
  Asker& operator=(const Asker&) = delete;

  void want() {
    {
      const std::lock_guard lock(mutex_);
      is_wanted_ = true;
    }
    changed_.notify_all();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!is_over_) {
      changed_.wait(lock, [this] { return is_over_ || is_wanted_; });
      if (is_over_) return;
      is_wanted_ = false;
      lock.unlock();
      // Where the cloud does not answer, the figures of before stand; the stream says when it is away for good.
      (void)ask_figures(*session_, fleet_, is_admin_);
      screen_.wake();
      lock.lock();
      changed_.wait_for(lock, kAskAgain, [this] { return is_over_; });
    }
  }

  std::unique_ptr<Session> session_;
  Fleet& fleet_;
  bool is_admin_;
  TerminalScreen& screen_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool is_wanted_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

// Follows the stream on a thread of its own.
class Follower {
 public:
  Follower(Session& session, WatchOptions options, Fleet& fleet, Asker& asker, TerminalScreen& screen)
      : watch_(session, std::move(options)), fleet_(fleet), asker_(asker), screen_(screen), thread_([this] {
          run();
        }) {}
  ~Follower() {
    watch_.cancel();
    thread_.join();
  }
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // Why the stream ended, if it did by itself.
  std::optional<Error> error() {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  void run() {
    auto changed = [this] {
      asker_.want();
      screen_.wake();
      return true;
    };
    Expected<> ended = watch_.run({.on_event =
                                       [&](const v1::WatchEvent& event) {
                                         fleet_.change([&](TopModel& model) { model.take(event); });
                                         return changed();
                                       },
                                   .on_cloud_event = [&](const v1::CloudEvent&) { return changed(); },
                                   .on_gap = [&]() -> Expected<bool> {
                                     fleet_.change([](TopModel& model) { model.forget_launches(); });
                                     return changed();
                                   }});
    if (ended) return;
    {
      const std::lock_guard lock(mutex_);
      error_ = std::move(ended.error());
    }
    screen_.wake();
  }

  Watch watch_;
  Fleet& fleet_;
  Asker& asker_;
  TerminalScreen& screen_;
  std::mutex mutex_;  // guards the error
  std::optional<Error> error_;
  std::thread thread_;
};

Expected<int> show(Session& session, std::unique_ptr<Session> other, const WatchOptions& watched, Fleet& fleet,
                   bool is_admin, bool colored) {
  TerminalScreen screen;
  if (auto opened = screen.open(); !opened) return std::unexpected(std::move(opened.error()));
  Asker asker(std::move(other), fleet, is_admin, screen);
  Follower follower(session, watched, fleet, asker, screen);
  auto drawn = std::chrono::steady_clock::now() - std::chrono::hours(1);
  for (Duration patience{};;) {
    const TerminalScreen::Happened happened = screen.wait(patience);
    if (happened == TerminalScreen::Happened::kQuit) return kDone;
    if (std::optional<Error> error = follower.error()) return std::unexpected(*std::move(error));
    const auto since = std::chrono::steady_clock::now() - drawn;
    const Duration age{std::chrono::duration_cast<std::chrono::microseconds>(since).count()};
    if (happened == TerminalScreen::Happened::kWoken && age < kMostDrawn) {
      patience = kMostDrawn - age + milliseconds(1);
      continue;
    }
    screen.draw(fleet.frame({.width = screen.width(), .height = screen.height(), .colored = colored}));
    drawn = std::chrono::steady_clock::now();
    patience = kTick;
  }
}

Expected<int> top(const Globals& globals, bool once) {
  if (globals.style.format != Format::kTable)
    return fail(ErrorCode::kInvalidArgument,
                "top shows frames of text; kilonova events --follow --json prints what it is made of");
  auto session = Session::open(globals);
  if (!session) return std::unexpected(std::move(session.error()));
  Fleet fleet(fmt::format("{}  project {}", (*session)->endpoint(), (*session)->project()));
  bool is_admin = true;
  if (auto asked = ask_figures(**session, fleet, is_admin); !asked) return std::unexpected(std::move(asked.error()));
  Expected<WatchOptions> watched = read_events(**session, fleet, is_admin);
  if (!watched) return std::unexpected(std::move(watched.error()));
  if (auto asked = ask_servers(**session, fleet, is_admin); !asked) return std::unexpected(std::move(asked.error()));
  if (once) {
    print_text(fleet.frame({.width = page_width(), .height = 0, .colored = globals.style.colored()}));
    return kDone;
  }
  auto other = Session::open(globals);
  if (!other) return std::unexpected(std::move(other.error()));
  return show(**session, *std::move(other), *watched, fleet, is_admin, globals.style.colored());
}

}  // namespace

void add_top(CLI::App& app, Globals& globals) {
  auto once = std::make_shared<bool>(false);
  CLI::App* command = app.add_subcommand(
      "top", "Watch hosts and launches in the terminal; q or Ctrl-C ends it (administrators see the whole cloud)");
  command->group("Launches");
  command->add_flag("--once", *once, "Print one frame, and end");
  run_command(*command, globals, [once, &globals] { return top(globals, *once); });
}

}  // namespace kilonova::cli
