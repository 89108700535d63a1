// An api-server that other machines reach serves nobody before it knows that no default password is left.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "api-server/core/api_core.h"
#include "domain/api.h"
#include "domain/nouns/user.h"
#include "domain/user_role.h"
#include "runtime/scope.h"
#include "runtime/virtual_loop.h"
#include "tests/support/fake_transport.h"
#include "tests/support/recording_log.h"
#include "tests/support/fake_crypto.h"

namespace kilonova::api {
namespace {

using testing::FakeCrypto;
using testing::FakeTransport;
using testing::RecordingLog;

constexpr PeerId kController{Role::kController, 0};

Task<void> run_check(ApiCore* core, std::optional<Expected<>>* result) {
  *result = co_await core->check_default_passwords();
}

class DefaultPasswords : public ::testing::Test {
 protected:
  void start() {
    transport_.connect(core_, kController, 7);
    transport_.deliver(core_, kController, TokenKeys{std::string(32, 'k')});
    transport_.deliver(core_, kController, WatchEvents{});
  }

  // Answers what the core asks about admin and demo; alt_demo is not there.
  Expected<> check(const std::string& admin_hash, Expected<ApiResponse> demo) {
    std::optional<Expected<>> result;
    scope_.spawn(run_check(&core_, &result));
    loop_.run_until(loop_.now() + milliseconds(1));
    for (Expected<ApiResponse> found : {Expected<ApiResponse>(with_hash(admin_hash)), std::move(demo),
                                        Expected<ApiResponse>(fail(ErrorCode::kNotFound, ""))}) {
      if (result) break;
      transport_.deliver(core_, kController, ApiReply{std::move(found)}, transport_.sent().back().message.call);
      loop_.run_until(loop_.now() + seconds(1));
    }
    return result ? *result : fail(ErrorCode::kInternal, "it is still asking");
  }

  static FoundUser with_hash(const std::string& hash) {
    FoundUser found;
    found.user.password_hash = hash;
    return found;
  }

  Expected<ApiCore::Watch> ask() {
    TokenSigner signer(crypto_, std::string(32, 'k'));
    RequestMeta meta;
    meta.token = signer.issue({{}, {}, UserRole::kAdmin, loop_.wall_now(), {INT64_MAX}, {}});
    return core_.open_watch(meta, {});
  }

  VirtualLoop loop_;
  FakeTransport transport_{{Role::kApi, 3}};
  RecordingLog log_;
  FakeCrypto crypto_{loop_};
  ApiCore core_{loop_, transport_, log_, Random(1), crypto_, {.login = {.refuse_default = true}}};
  Scope scope_{loop_};
};

TEST_F(DefaultPasswords, NobodyIsServedBeforeTheyWereLookedFor) {
  start();
  EXPECT_FALSE(core_.ready());
  EXPECT_EQ(ask().error().code, ErrorCode::kUnavailable);
  EXPECT_TRUE(check("scrypt$fake$its own", with_hash("scrypt$fake$another")).has_value());
  EXPECT_TRUE(core_.ready());
  EXPECT_TRUE(ask().has_value());
}

TEST_F(DefaultPasswords, AreFound) {
  start();
  Expected<> checked = check("scrypt$fake$kilonova", fail(ErrorCode::kNotFound, ""));
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, ErrorCode::kPermissionDenied);
  EXPECT_NE(checked.error().message.find("user admin has the default password"), std::string::npos);
  EXPECT_NE(checked.error().message.find("--admin-password-file"), std::string::npos);
  EXPECT_FALSE(core_.ready());
}

TEST_F(DefaultPasswords, OfTheSecondUserToo) {
  start();
  EXPECT_FALSE(check("scrypt$fake$its own", with_hash("scrypt$fake$kilonova")).has_value());
}

TEST_F(DefaultPasswords, AUserThatIsGoneHasNone) {
  start();
  EXPECT_TRUE(check("scrypt$fake$its own", fail(ErrorCode::kNotFound, "user 'demo' not found")).has_value());
}

TEST_F(DefaultPasswords, WithoutAControllerNobodyKnows) {
  EXPECT_EQ(check("", fail(ErrorCode::kNotFound, "")).error().code, ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace kilonova::api
