#include "store/sqlite_controller_tables.h"

#include <initializer_list>
#include <variant>

#include "store/overloaded.h"

namespace kilonova {
namespace {

Expected<> run_each(std::initializer_list<Statement*> statements, const Uuid& key) {
  for (Statement* statement : statements) {
    statement->bind()(key);
    if (auto done = statement->run(); !done) return std::unexpected(done.error());
  }
  return {};
}

// The first failure of several steps, none of which runs after it.
template <class... Steps>
Expected<> in_turn(Steps&&... steps) {
  Expected<> done;
  (void)((done = steps()).has_value() && ...);
  return done;
}

}  // namespace

SqliteControllerTables::SqliteControllerTables(Database& database, const SqliteOptions& options)
    : instances_(database, options.events_kept),
      flavors_(database, "flavors", "id"),
      images_(database, "images", "id"),
      key_pairs_(database, "key_pairs", "user_id, name"),
      projects_(database, "projects", "id"),
      users_(database, "users", "id"),
      role_assignments_(database, "role_assignments", "user_id, project_id"),
      quotas_(database, "quotas", "project_id"),
      hosts_(database, "hosts", "id"),
      fault_rules_(database, "fault_rules", "id"),
      client_tokens_(database, "client_tokens", "project_id, token"),
      settings_(database, "settings", "key"),
      erase_project_roles_(database, "DELETE FROM role_assignments WHERE project_id=?"),
      erase_project_tokens_(database, "DELETE FROM client_tokens WHERE project_id=?"),
      erase_user_roles_(database, "DELETE FROM role_assignments WHERE user_id=?"),
      erase_user_keys_(database, "DELETE FROM key_pairs WHERE user_id=?") {}

Expected<ControllerState> SqliteControllerTables::load() {
  ControllerState state;
  auto loaded = in_turn(
      [&] { return instances_.load(state); }, [&] { return flavors_.load(state.flavors); },
      [&] { return images_.load(state.images); }, [&] { return key_pairs_.load(state.key_pairs); },
      [&] { return projects_.load(state.projects); }, [&] { return users_.load(state.users); },
      [&] { return role_assignments_.load(state.role_assignments); }, [&] { return quotas_.load(state.quotas); },
      [&] { return hosts_.load(state.hosts); }, [&] { return fault_rules_.load(state.fault_rules); },
      [&] { return client_tokens_.load(state.client_tokens); }, [&] { return settings_.load(state.settings); });
  if (!loaded) return std::unexpected(loaded.error());
  return state;
}

Expected<> SqliteControllerTables::apply(const Transaction& transaction) {
  for (const Mutation& mutation : transaction) {
    if (auto applied = apply_one(mutation); !applied) return applied;
  }
  return {};
}

Expected<> SqliteControllerTables::apply_one(const Mutation& mutation) {
  using namespace mutation;
  return std::visit(
      Overloaded{
          [&](const auto& change) { return instances_.apply(change); },
          [&](const PutFlavor& change) { return flavors_.put(change.row); },
          [&](const EraseFlavor& change) { return flavors_.erase(change.id); },
          [&](const PutImage& change) { return images_.put(change.row); },
          [&](const EraseImage& change) { return images_.erase(change.id); },
          [&](const PutKeyPair& change) { return key_pairs_.put(change.row); },
          [&](const EraseKeyPair& change) { return key_pairs_.erase(change.user_id, change.name); },
          [&](const PutProject& change) { return projects_.put(change.row); },
          [&](const EraseProject& change) { return erase_project(change.id); },
          [&](const PutUser& change) { return users_.put(change.row); },
          [&](const EraseUser& change) { return erase_user(change.id); },
          [&](const PutRoleAssignment& change) { return put_role_assignment(change.row); },
          [&](const PutQuota& change) { return quotas_.put(change.row); },
          [&](const PutHost& change) { return hosts_.put(change.row); },
          [&](const PutFaultRule& change) { return fault_rules_.put(change.row); },
          [&](const EraseFaultRule& change) { return fault_rules_.erase(change.id); },
          [&](const PutClientToken& change) { return client_tokens_.put(change.row); },
          [&](const EraseClientToken& change) { return client_tokens_.erase(change.project_id, change.token); },
          [&](const PutSetting& change) { return settings_.put({change.key, change.value}); },
      },
      mutation);
}

Expected<> SqliteControllerTables::put_role_assignment(const RoleAssignment& row) {
  if (row.role == UserRole::kNone) return role_assignments_.erase(row.user_id, row.project_id);
  return role_assignments_.put(row);
}

Expected<> SqliteControllerTables::erase_project(const Uuid& id) {
  return in_turn([&] { return projects_.erase(id); }, [&] { return quotas_.erase(id); },
                 [&] { return run_each({&erase_project_roles_, &erase_project_tokens_}, id); });
}

Expected<> SqliteControllerTables::erase_user(const Uuid& id) {
  return in_turn([&] { return users_.erase(id); },
                 [&] { return run_each({&erase_user_roles_, &erase_user_keys_}, id); });
}

}  // namespace kilonova
