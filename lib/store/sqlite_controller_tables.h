// All tables of the controller's store: applies its transactions and loads its state. Tables of SqliteStore (sqlite_store.h).
#pragma once

#include "ports/controller_store.h"
#include "store/migrations.h"
#include "store/sqlite.h"
#include "store/sqlite_instance_tables.h"
#include "store/sqlite_options.h"
#include "store/sqlite_table.h"

namespace kilonova {

class SqliteControllerTables {
 public:
  using Transaction = kilonova::Transaction;
  using State = ControllerState;
  using Saved = SqliteInstanceTables::Counters;
  static const Schema& schema() { return kControllerSchema; }

  SqliteControllerTables(Database& database, const SqliteOptions& options);

  Expected<ControllerState> load();
  Expected<> apply(const Transaction& transaction);
  Expected<> before_commit() { return instances_.before_commit(); }
  Saved saved() const { return instances_.counters(); }
  void restore(const Saved& saved) { instances_.restore(saved); }

 private:
  Expected<> apply_one(const Mutation& mutation);
  Expected<> put_role_assignment(const RoleAssignment& row);
  Expected<> erase_project(const Uuid& id);
  Expected<> erase_user(const Uuid& id);

  SqliteInstanceTables instances_;
  SqliteTable<Flavor> flavors_;
  SqliteTable<Image> images_;
  SqliteTable<KeyPair> key_pairs_;
  SqliteTable<Project> projects_;
  SqliteTable<User> users_;
  SqliteTable<RoleAssignment> role_assignments_;
  SqliteTable<Quota> quotas_;
  SqliteTable<Host> hosts_;
  SqliteTable<FaultRule> fault_rules_;
  SqliteTable<ClientToken> client_tokens_;
  SqliteTable<Setting> settings_;
  Statement erase_project_roles_;
  Statement erase_project_tokens_;
  Statement erase_user_roles_;
  Statement erase_user_keys_;
};

}  // namespace kilonova
