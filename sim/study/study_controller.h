// StudyController: what a study needs of a controller. Every request is cast to the schedulers in turn (the daemon's own
// rule), goes to an alternate when a host refuses its claim, and ends on a host or refused; what leaves is terminated.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "controller/core/schedulers.h"
#include "domain/messages.h"
#include "ports/transport.h"
#include "sim/study/run_study.h"
#include "sim/study/study_hosts.h"
#include "sim/study/workload.h"

namespace kilonova::study {

class StudyController final : public PeerHandler {
 public:
  // All must outlive it.
  StudyController(Transport& transport, const Workload& workload, const RunOptions& options, const StudyHosts& hosts);

  void on_peer_up(const Peer& peer) override;
  void on_peer_down(const Peer&) override {}
  void on_message(const Peer& from, Message message) override;

  void arrive(size_t request);
  // A server that is not on a host yet leaves as soon as it is.
  void depart(size_t request);

  uint64_t placed() const { return placed_; }
  uint64_t refused() const { return refused_; }
  const std::map<std::string, uint64_t>& refusals() const { return refusals_; }
  uint64_t digest() const { return digest_; }

 private:
  enum class State : uint8_t { kToCome, kScheduling, kPlaced, kOver };
  struct Launch {
    State state = State::kToCome;
    bool leaves = false;
    uint32_t attempt = 1;
    uint64_t epoch = 1;
    std::string host;
    std::vector<std::string> tried_hosts;
  };

  void cast(size_t request, std::vector<std::string> alternates);
  void on_report(const InstanceReport& report);
  void refuse(size_t request, std::string reason);
  std::string reason_of(size_t request, const Decision& decision) const;
  void terminate(size_t request);
  // Into the digest.
  void note(size_t request, std::string_view outcome);

  Transport& transport_;
  const Workload& workload_;
  const RunOptions& options_;
  const StudyHosts& hosts_;
  controller::Schedulers schedulers_;
  std::vector<HostStatus> statuses_;
  std::vector<Launch> launches_;  // as Workload::requests
  uint64_t placed_ = 0;
  uint64_t refused_ = 0;
  std::map<std::string, uint64_t> refusals_;
  uint64_t digest_ = 14'695'981'039'346'656'037ULL;  // FNV-1a
};

}  // namespace kilonova::study
