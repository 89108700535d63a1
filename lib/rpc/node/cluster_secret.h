// The secret that the daemons of a cloud share, and what one role gets of it. Every pair of roles has a key of its own,
// made from the secret: a daemon that was only given the keys of its role can prove that it is of this role, and of no
// other (docs/adr/0007-doors.md). Plain values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/ids.h"

namespace kilonova {

class ClusterSecret {
 public:
  // "" = there is none.
  ClusterSecret() = default;
  // The whole secret, or the text that for_role() made. kInvalidArgument for one of these that is damaged.
  static Expected<ClusterSecret> parse(std::string_view text);

  bool empty() const { return whole_.empty() && keys_.empty(); }
  // Of streams between daemons of these roles; "" where there is no secret. Nothing when this is another role's.
  std::optional<std::string> key_for(Role dialer, Role server) const;
  // What a daemon of this role needs, in one line. Of the whole secret only.
  std::string for_role(Role role) const;
  // Whether a daemon of this role has all that it needs.
  bool is_for(Role role) const;

 private:
  std::string whole_;
  std::map<std::pair<Role, Role>, std::string> keys_;
};

}  // namespace kilonova
