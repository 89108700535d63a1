// Client tokens: what makes a repeated create the same create.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "domain/record.h"

namespace kilonova {

// A create call's idempotency token, unique per project, committed with the rows.
struct ClientToken {
  static constexpr Record kRecord{"client_tokens", "project_id, token", "client_token"};
  std::pair<Uuid, std::string> key() const { return {project_id, token}; }

  Uuid project_id;
  std::string token;
  Uuid request_hash;  // of the request's content: the same token with another request is refused
  std::vector<Uuid> instances;
  WallTime created_at;
  bool operator==(const ClientToken&) const = default;
};

template <class Io, RowOf<ClientToken> Row>
void visit(Io& io, Row& row) {
  io(row.project_id, row.token, row.request_hash, row.instances, row.created_at);
}

}  // namespace kilonova
