#include "tests/contract/controller_store/sample_rows.h"

#include "domain/client_token.h"
#include "domain/nouns/fault_rule.h"
#include "domain/nouns/host.h"
#include "domain/nouns/image.h"
#include "domain/nouns/key_pair.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"
#include "domain/resources.h"
#include "domain/watch_event.h"

namespace kilonova {
namespace {

int64_t any_integer(Random& random) {
  switch (random.below(6)) {
    case 0: return 0;
    case 1: return -1;
    case 2: return INT64_MAX;
    case 3: return INT64_MIN;
    default: return static_cast<int64_t>(random.next());
  }
}

WallTime any_time(Random& random) { return {any_integer(random)}; }
bool any_bool(Random& random) { return random.chance(0.5); }

VmState any_vm_state(Random& random) { return static_cast<VmState>(1 + random.below(5)); }
TaskState any_task_state(Random& random) { return static_cast<TaskState>(random.below(10)); }
LaunchStep any_step(Random& random) { return static_cast<LaunchStep>(random.below(14)); }
PowerState any_power_state(Random& random) {
  constexpr PowerState kAll[] = {PowerState::kNoState,  PowerState::kRunning, PowerState::kPaused,
                                 PowerState::kShutdown, PowerState::kCrashed, PowerState::kSuspended};
  return kAll[random.below(6)];
}

std::vector<std::string> any_texts(Random& random) {
  std::vector<std::string> texts(random.below(4));
  for (std::string& text : texts) text = hostile_text(random);
  return texts;
}

Address sample_address(Random& random, uint32_t nic) {
  return {.network_id = random_uuid(random),
          .network_name = hostile_text(random),
          .nic = nic,
          .ip = {static_cast<uint32_t>(random.next())},
          .prefix = static_cast<uint8_t>(random.below(33)),
          .gateway = {static_cast<uint32_t>(random.next())},
          .mac = {random.next() >> 16},
          .vlan = static_cast<uint16_t>(random.next()),
          .bridge = hostile_text(random),
          .lease_expires_at = any_time(random)};
}

Decision sample_decision(Random& random) {
  Decision decision{.epoch = random.next(),
                    .attempt = static_cast<uint32_t>(random.next()),
                    .scheduler = hostile_text(random),
                    .driver = "filter",
                    .hosts_total = static_cast<uint32_t>(random.next()),
                    .chosen = hostile_text(random),
                    .alternates = any_texts(random),
                    .from_alternates = any_bool(random),
                    .reason = hostile_text(random),
                    .explanation = hostile_text(random),
                    .ratios = {random.uniform(), 1.5, 1e-9}};
  for (uint64_t i = random.below(4); i > 0; --i) decision.filters.push_back({hostile_text(random), 7});
  for (uint64_t i = random.below(3); i > 0; --i) {
    WeighedHost host{hostile_text(random), random.uniform() * 1e300, {}};
    host.scores.push_back({"RAMWeigher", -random.uniform(), 1.0 / 3, random.uniform() * 1e300});
    decision.weighed.push_back(host);
  }
  return decision;
}

}  // namespace

RequestSpec sample_spec(Random& random) {
  RequestSpec spec{.project_id = random_uuid(random),
                   .user_id = random_uuid(random),
                   .flavor = sample_flavor(random),
                   .image = {random_uuid(random), hostile_text(random), random.next()},
                   .key_name = hostile_text(random),
                   .availability_zone = hostile_text(random),
                   .forced_host = hostile_text(random),
                   .security_groups = any_texts(random),
                   .requested_host = hostile_text(random)};
  for (uint64_t i = random.below(3); i > 0; --i) spec.networks.push_back(random_uuid(random));
  if (any_bool(random)) spec.hints.group = random_uuid(random);
  for (uint64_t i = random.below(3); i > 0; --i) spec.hints.same_host.push_back(random_uuid(random));
  for (uint64_t i = random.below(3); i > 0; --i) spec.hints.different_host.push_back(random_uuid(random));
  return spec;
}

const std::vector<std::string>& hostile_texts() {
  using namespace std::string_literals;
  static const std::vector<std::string> kTexts = {"",
                                                  "plain",
                                                  "\t",
                                                  "\n",
                                                  "\\",
                                                  "\\t\\n\\0\\\\",
                                                  "\0"s,
                                                  "a\0b\0"s,
                                                  "a\tb\nc",
                                                  "trailing\\",
                                                  "=",
                                                  "\"",
                                                  "'; DROP TABLE instances; --",
                                                  "\xff\xfe",
                                                  "\xc3\x28",
                                                  "\xe2\x82\xac",
                                                  " spaces ",
                                                  "0",
                                                  "put\terase\n",
                                                  "|,;:%_?*",
                                                  "NULL",
                                                  "\r\n",
                                                  "\x7f\x01",
                                                  "-1",
                                                  std::string(3000, 'x') + "\t\0"s};
  return kTexts;
}

std::string hostile_text(Random& random) {
  if (random.chance(0.4)) return "name-" + std::to_string(random.below(1000));
  return hostile_texts()[random.below(hostile_texts().size())];
}

Instance sample_instance(Random& random, int64_t id) {
  Instance row{.id = id,
               .uuid = random_uuid(random),
               .name = hostile_text(random),
               .hostname = hostile_text(random),
               .reservation_id = "r-00000001",
               .launch_index = static_cast<uint32_t>(random.next()),
               .spec = sample_spec(random),
               .trace = {random_uuid(random), random_uuid(random), random.next()}};
  row.created_at = any_time(random);
  return changed_instance(random, std::move(row));
}

Placement sample_placement(Random& random) {
  Placement placement{.epoch = random.next(), .step = any_step(random), .host = hostile_text(random), .addresses = {}};
  for (uint32_t nic = 0; nic < random.below(3); ++nic) placement.addresses.push_back(sample_address(random, nic));
  return placement;
}

Instance changed_instance(Random& random, Instance row) {
  row.vm_state = any_vm_state(random);
  row.task_state = any_task_state(random);
  row.power_state = any_power_state(random);
  row.current = sample_placement(random);
  row.operation = random.next();
  row.attempt = static_cast<uint32_t>(random.next());
  row.tried_hosts = any_texts(random);
  row.alternates = any_texts(random);
  row.fault = {static_cast<int32_t>(random.next()), hostile_text(random), hostile_text(random), any_time(random)};
  row.updated_at = any_time(random);
  row.launched_at = any_time(random);
  row.other.reset();
  if (random.chance(0.2)) row.other = sample_placement(random);
  row.move.reset();
  if (random.chance(0.2)) row.move = sample_move(random);
  row.last_epoch = random.next();
  row.shelved_image = any_bool(random) ? random_uuid(random) : Uuid{};
  row.state_since = any_time(random);
  return row;
}

Move sample_move(Random& random) {
  return {.kind = static_cast<MoveKind>(1 + random.below(5)),
          .stage = static_cast<MoveStage>(1 + random.below(7)),
          .migration = any_integer(random),
          .from = any_vm_state(random),
          .old_flavor = sample_flavor(random),
          .new_flavor = sample_flavor(random),
          .requested_host = hostile_text(random),
          .forced = any_bool(random),
          .auto_confirmed = any_bool(random)};
}

Migration sample_migration(Random& random, int64_t id) {
  return {.id = id,
          .uuid = random_uuid(random),
          .instance = random_uuid(random),
          .user_id = random_uuid(random),
          .project_id = random_uuid(random),
          .kind = static_cast<MoveKind>(1 + random.below(5)),
          .status = hostile_text(random),
          .source_compute = hostile_text(random),
          .dest_compute = hostile_text(random),
          .old_flavor = hostile_text(random),
          .new_flavor = hostile_text(random),
          .created_at = any_time(random),
          .updated_at = any_time(random)};
}

Allocation sample_allocation(Random& random, const Uuid& instance) {
  return {instance, random.next(), hostile_text(random), {any_integer(random), any_integer(random), 20}};
}

mutation::AppendLaunchRecord sample_launch_record(Random& random, const Uuid& instance) {
  mutation::AppendLaunchRecord record{.instance = instance, .steps = {}, .decisions = {}};
  std::string daemon = hostile_text(random);
  for (uint64_t i = random.below(14); i > 0; --i) {
    if (any_bool(random)) daemon = hostile_text(random);
    record.steps.push_back({.step = any_step(random),
                            .epoch = random.below(3),
                            .attempt = static_cast<uint32_t>(random.below(3)),
                            .daemon = daemon,
                            .host = any_bool(random) ? "host-1" : hostile_text(random),
                            .start = any_time(random),
                            .duration = {any_integer(random)},
                            .fault = any_bool(random) ? "" : hostile_text(random),
                            .fault_rule = random.below(3)});
  }
  for (uint64_t i = random.below(3); i > 0; --i) record.decisions.push_back(sample_decision(random));
  return record;
}

WatchEvent sample_event(Random& random, uint64_t revision) {
  return {.revision = revision,
          .time = any_time(random),
          .project_id = random_uuid(random),
          .instance = random_uuid(random),
          .name = hostile_text(random),
          .vm_state = any_vm_state(random),
          .task_state = any_task_state(random),
          .power_state = any_power_state(random),
          .host = hostile_text(random),
          .epoch = random.next(),
          .deleted = any_bool(random),
          .fault = hostile_text(random)};
}

Flavor sample_flavor(Random& random) {
  Flavor flavor{hostile_text(random), hostile_text(random), any_integer(random),
                any_integer(random),  any_integer(random),  any_integer(random),
                any_integer(random),  any_bool(random),     {}};
  for (uint64_t i = random.below(3); i > 0; --i)
    flavor.extra_specs.push_back({hostile_text(random), hostile_text(random)});
  flavor.description = hostile_text(random);
  flavor.projects = any_texts(random);
  flavor.rxtx_factor = 1.0 / 3;
  return flavor;
}

ServerProperties sample_properties(Random& random, const Uuid& instance) {
  return {.instance = instance,
          .description = hostile_text(random),
          .metadata = {{hostile_text(random), hostile_text(random)}},
          .tags = any_texts(random),
          .locked_by = static_cast<LockedBy>(random.below(3)),
          .locked_reason = hostile_text(random),
          .user_data = hostile_text(random),
          .config_drive = any_bool(random),
          .access_ip_v4 = hostile_text(random),
          .access_ip_v6 = hostile_text(random),
          .auto_disk_config = any_bool(random),
          .trusted_image_certificates = any_texts(random),
          .client_token = hostile_text(random)};
}

Image sample_image(Random& random) {
  return {random_uuid(random),
          hostile_text(random),
          random_uuid(random),
          static_cast<ImageVisibility>(random.below(4)),
          random.next(),
          any_integer(random),
          any_integer(random),
          hostile_text(random),
          hostile_text(random),
          any_time(random),
          {{hostile_text(random), hostile_text(random)}},
          random_uuid(random),
          any_integer(random),
          any_bool(random),
          {{hostile_text(random), hostile_text(random)}},
          hostile_text(random),
          random.next(),
          any_time(random)};
}

KeyPair sample_key_pair(Random& random) {
  return {hostile_text(random), random_uuid(random),  "ssh", hostile_text(random), hostile_text(random),
          any_time(random),     hostile_text(random), {{hostile_text(random), hostile_text(random)}}};
}

Project sample_project(Random& random) {
  return {random_uuid(random), hostile_text(random), hostile_text(random), any_bool(random)};
}

User sample_user(Random& random) {
  return {random_uuid(random), hostile_text(random), hostile_text(random), any_bool(random)};
}

Host sample_host(Random& random, int64_t id) {
  return {id,
          hostile_text(random),
          hostile_text(random),
          {any_integer(random), any_integer(random), any_integer(random)},
          {Role::kCompute, static_cast<uint32_t>(random.next())},
          any_bool(random),
          hostile_text(random),
          any_time(random),
          any_bool(random)};
}

ServerGroup sample_server_group(Random& random) {
  return {random_uuid(random),
          random_uuid(random),
          random_uuid(random),
          hostile_text(random),
          static_cast<GroupPolicy>(1 + random.below(4)),
          static_cast<uint32_t>(random.next()),
          any_time(random)};
}

FaultRule sample_fault_rule(Random& random, uint64_t id) {
  return {id,
          any_step(random),
          hostile_text(random),
          hostile_text(random),
          any_integer(random),
          any_integer(random),
          {any_integer(random)},
          any_bool(random),
          any_bool(random),
          hostile_text(random),
          hostile_text(random),
          hostile_text(random),
          hostile_text(random),
          hostile_text(random),
          static_cast<FaultEffect>(random.below(5)),
          any_integer(random),
          any_integer(random),
          random.next(),
          any_integer(random),
          any_integer(random),
          any_integer(random)};
}

FaultHit sample_fault_hit(Random& random, uint64_t rule_id) {
  return {rule_id, random_uuid(random), random.next(), random.next(), random.next(), random.next(), any_bool(random)};
}

UserQuota sample_user_quota(Random& random, const Uuid& user, const Uuid& project) {
  UserQuota quota{user, unchanged_quota()};
  quota.limits.project_id = project;
  quota.limits.cores = static_cast<int64_t>(random.next());
  return quota;
}

DeletedServer sample_deleted_server(Random& random, int64_t number) {
  DeletedServer gone{number, sample_instance(random, number), {}, {}};
  gone.properties = sample_properties(random, gone.row.uuid);
  gone.actions.push_back({.instance = gone.row.uuid, .number = random.next(), .action = hostile_text(random)});
  return gone;
}

ClientToken sample_client_token(Random& random, const Uuid& project) {
  ClientToken token{project, hostile_text(random), random_uuid(random), {}, any_time(random)};
  for (uint64_t i = random.below(4); i > 0; --i) token.instances.push_back(random_uuid(random));
  return token;
}

}  // namespace kilonova
