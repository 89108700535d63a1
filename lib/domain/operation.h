// What is known of every operation without looking at its fields. An operation is a struct with a kOperation of this type,
// a Reply, check() and, where single fields need more than the role, admin_only(): see nouns/.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "base/ids.h"
#include "base/type_list.h"
#include "domain/launch_steps.h"
#include "domain/user_role.h"

namespace kilonova {

// kReads: its repetition is harmless, and changes nothing.
enum class Effect : uint8_t { kReads, kChanges };

// Who may ask: a client through any front, or only the api-server itself on the way to answering a client.
enum class AskedBy : uint8_t { kClient, kApiServer };

// Who decides and answers. kApi: the api-server turns it into another operation first (ApiCore::prepare), and it never
// travels. kNetwork, kScheduler (the one that it names) and kAnyDaemon travel through the controller.
enum class DecidedBy : uint8_t { kController, kNetwork, kScheduler, kAnyDaemon, kApi };

struct Operation {
  std::string_view name;  // "CreateFlavor": of the method, in messages and logs
  UserRole role;          // that it needs, as Nova's default policies have it: reader reads, member writes, admin administers
  Effect effect;
  DecidedBy decided_by = DecidedBy::kController;
  AskedBy asked_by = AskedBy::kClient;
};

// Who asks, as the token says.
struct RequestContext {
  Uuid user_id;
  Uuid project_id;
  UserRole role = UserRole::kNone;
  TraceContext trace;

  bool operator==(const RequestContext&) const = default;
  bool is_admin() const { return role >= UserRole::kAdmin; }
};

// Answers an operation that has nothing to say.
struct Empty {
  bool operator==(const Empty&) const = default;
};

}  // namespace kilonova
