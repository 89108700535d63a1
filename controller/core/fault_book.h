// Fault rules (kilonova fault add), and the decisions on them that may be asked for again. Loop thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/fault_rule.h"
#include "domain/request_spec.h"

namespace kilonova::controller {

// Whom a rule may be about.
struct FaultSubject {
  std::string server;  // name
  Uuid project;
};

class FaultBook {
 public:
  using HitKey = std::pair<uint64_t, Uuid>;

  FaultBook(std::vector<FaultRule> rules, std::vector<FaultHit> hits);

  const std::map<uint64_t, FaultRule>& rules() const { return rules_; }
  uint64_t next_id() const { return next_id_; }
  void put(FaultRule rule);
  void erase(uint64_t id);

  // By rule, then server.
  const std::map<HitKey, FaultHit>& hits() const { return hits_; }
  // nullptr when nothing of this server has come to the rule.
  const FaultHit* hit(uint64_t rule, const Uuid& instance) const;
  void put(FaultHit hit);
  void erase_hit(const HitKey& key) { hits_.erase(key); }

  // Of the rules that have strikes left: those of a step from `first` to `last` that may be about this server...
  std::vector<InjectedFault> of_steps(const FaultSubject& subject, LaunchStep first, LaunchStep last) const;
  // ...those of this action...
  std::vector<InjectedFault> of_action(const FaultSubject& subject, std::string_view action) const;
  // ...and those of HTTP requests.
  std::vector<FaultRule> of_http() const;

 private:
  std::map<uint64_t, FaultRule> rules_;
  std::map<HitKey, FaultHit> hits_;
  uint64_t next_id_ = 1;
};

}  // namespace kilonova::controller
