#include "controller/core/terminations.h"

#include "base/sometimes.h"
#include "domain/injected_fault.h"
#include "domain/nouns/host.h"

namespace kilonova::controller {

void Terminations::tell(const Instance& row, std::string_view action, const PlacementId& placement,
                        const std::string& host) {
  auto known = world_.records.of<Host>().find(host);
  if (known == world_.records.of<Host>().end() || struck_.contains({placement, host})) return;
  Told told{{host, placement, row.trace}, known->second.process, row.operation, {}};
  told.faults = faults_at(world_.faults.of_action({row.name, row.spec.project_id}, action), LaunchStep::kNone, host,
                          to_string(told.process));
  if (told.faults.empty()) {
    world_.transport.send(told.process, Message{0, std::move(told.message)});
    return;
  }
  struck_.insert({placement, host});
  world_.flows.spawn(strike(std::move(told)));
}

Task<> Terminations::strike(Told told) {
  const Key key{told.message.placement, told.message.host};
  co_await let_go(std::move(told));
  // Not before: what fails is not to be done by a message that is sent again while its end is written down.
  struck_.erase(key);
}

Task<> Terminations::let_go(Told told) {
  const PlacementId placement = told.message.placement;
  const Struck struck =
      co_await be_struck(&faults_, &world_.loop, told.faults,
                         {.placement = placement, .operation = told.operation, .host = told.message.host}, false);
  const Instance* row = world_.instances.find(placement.instance);
  if (row == nullptr || row->operation != told.operation || row->placement_of(placement.epoch) == nullptr) {
    KN_SOMETIMES("controller: a guest is not to be destroyed any more when its rule lets it");
    co_return;
  }
  if (struck.fails) {
    co_await failed_({told.process, {}}, {.host = told.message.host,
                                          .placement = placement,
                                          .operation = told.operation,
                                          .power_state = row->power_state,
                                          .fault = injected_error(*struck.fails)});
  } else if (!struck.drops) {
    world_.transport.send(told.process, Message{0, std::move(told.message)});
  }
}

}  // namespace kilonova::controller
