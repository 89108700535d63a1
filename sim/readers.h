// Clients of three projects that read all the time: an administrator every project's servers, members their own, and
// what is not theirs too. What they are answered is told to the checker of reads, and written to the history if there
// is one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/api.h"
#include "runtime/task.h"
#include "sim/checkers/reads.h"
#include "sim/client_history.h"
#include "sim/cloud.h"

namespace kilonova::sim {

class Readers {
 public:
  // All that an answer says, as on the wire. May be empty: then only what is known of each operation is looked at.
  using Serialize = std::function<std::string(const ApiResponse&)>;

  // All outlive it. Destroying it kills the cloud's nodes.
  Readers(SimCloud& cloud, ReadChecker& checker, ClientHistory& history, Serialize serialize = {});
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;
  ~Readers() { cloud_.kill_all(); }

  void start();
  // No question is asked any more.
  void stop() { stopped_ = true; }

 private:
  struct Reader {
    std::string user;
    std::string project;
    bool may_change = true;
    std::string token = {};
    Uuid project_id = {};
    bool has_asked = false;  // for its own server
  };
  struct Question {
    ApiRequest request;
    Uuid server = {};  // nil: all
    bool foreign = false;
    bool changes = false;  // which a reader may not
  };

  void ask_later(size_t reader);
  void ask(size_t reader);
  static Task<> converse(Readers* readers, size_t reader);
  // The one who may only read is made by the administrator; after a reset of the cloud, again.
  static Task<> make_user(Readers* readers, api::ApiCore* core, const Reader* reader);
  Question next_question(Reader& reader);
  Question question_of_all(const Reader& reader);
  Question forbidden_change(const std::string& server);
  // One of all that are there; nil when there is none.
  Uuid some_server();
  bool is_admin(const Reader& reader) const { return &reader == &readers_.front(); }
  void take(const Reader& reader, const Question& question, Instant asked, const Expected<ApiResponse>& answer);
  void take_refusal(const Reader& reader, const Question& question, Instant asked, const Error& error);

  SimCloud& cloud_;
  ReadChecker& checker_;
  ClientHistory& history_;
  Serialize serialize_;
  Random random_;
  std::vector<Reader> readers_;
  bool stopped_ = false;
};

}  // namespace kilonova::sim
