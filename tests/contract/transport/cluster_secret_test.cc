#include "rpc/node/cluster_secret.h"

#include <gtest/gtest.h>

#include <string>

#include "rpc/node/handshake.h"

namespace kilonova {
namespace {

constexpr Role kRoles[] = {Role::kController, Role::kScheduler, Role::kNetwork, Role::kCompute, Role::kApi};

TEST(ClusterSecret, ARoleHasTheKeysOfItsOwnConnections) {
  const ClusterSecret whole = *ClusterSecret::parse("a secret of a cloud");
  for (Role role : kRoles) {
    auto part = ClusterSecret::parse(whole.for_role(role));
    ASSERT_TRUE(part.has_value());
    EXPECT_TRUE(part->is_for(role));
    for (Role dialer : kRoles)
      for (Role server : kRoles) {
        if (!dials(dialer, server)) continue;
        auto key = part->key_for(dialer, server);
        const bool own = dialer == role || server == role;
        ASSERT_EQ(key.has_value(), own) << to_string(role) << ": " << to_string(dialer) << " to " << to_string(server);
        if (own) EXPECT_EQ(*key, *whole.key_for(dialer, server));
      }
    EXPECT_EQ(whole.for_role(role).find("a secret"), std::string::npos);
  }
  EXPECT_FALSE(ClusterSecret::parse(whole.for_role(Role::kCompute))->is_for(Role::kApi));
  EXPECT_NE(*whole.key_for(Role::kCompute, Role::kController), *whole.key_for(Role::kApi, Role::kController));
}

TEST(ClusterSecret, WhatIsNoneIsEmpty) {
  ClusterSecret none = *ClusterSecret::parse("");
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.key_for(Role::kCompute, Role::kController), "");
  EXPECT_TRUE(none.is_for(Role::kCompute));
}

TEST(ClusterSecret, OneThatIsDamagedIsNamed) {
  const std::string good = ClusterSecret::parse("secret")->for_role(Role::kApi);
  for (const std::string& wrong :
       {std::string("kilonova-role-secret-1:"), good.substr(0, good.size() - 1), good + "0",
        good + ",x=" + std::string(64, '0'), good + ",api>compute=" + std::string(64, '0'), good + ",api"})
    EXPECT_FALSE(ClusterSecret::parse(wrong).has_value()) << wrong;
}

}  // namespace
}  // namespace kilonova
