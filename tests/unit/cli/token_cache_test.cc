#include "cli/client/token_cache.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace kilonova::cli {
namespace {

namespace fs = std::filesystem;

class TokenCacheTest : public testing::Test {
 protected:
  TokenCacheTest() {
    std::string name = (fs::temp_directory_path() / "kilonova-token-XXXXXX").string();
    directory_ = mkdtemp(name.data());
    fs::create_directories(directory_ / "run");
    owner_ = {directory_.string(), "127.0.0.1:1", "admin", "secret", "demo"};
  }
  ~TokenCacheTest() override { fs::remove_all(directory_); }

  fs::path directory_;
  TokenOwner owner_;
  WallTime now_{1'000'000'000};
  CachedToken token_{"abc", WallTime{1'000'000'000} + seconds(3600), "p1"};
};

TEST_F(TokenCacheTest, IsReadBackByWhoStoredItOnly) {
  store_token(owner_, token_);
  auto loaded = load_token(owner_, now_);
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->token, "abc");
  EXPECT_EQ(loaded->project_id, "p1");
  for (std::string TokenOwner::* field : {&TokenOwner::endpoint, &TokenOwner::user, &TokenOwner::password, &TokenOwner::project}) {
    TokenOwner other = owner_;
    other.*field = "other";
    EXPECT_FALSE(load_token(other, now_));
  }
}

TEST_F(TokenCacheTest, TheFileIsForItsOwnerAndHoldsNoPassword) {
  store_token(owner_, token_);
  fs::path path = directory_ / "run" / token_file_name("admin", "demo");
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(text.find("secret"), std::string::npos);
}

TEST_F(TokenCacheTest, NotInItsLastMinute) {
  store_token(owner_, token_);
  EXPECT_TRUE(load_token(owner_, WallTime{token_.expires_at.us - 61'000'000}));
  EXPECT_FALSE(load_token(owner_, WallTime{token_.expires_at.us - 60'000'000}));
}

TEST_F(TokenCacheTest, AForgottenOrBrokenOneIsNone) {
  store_token(owner_, token_);
  forget_token(owner_);
  EXPECT_FALSE(load_token(owner_, now_));
  for (const char* text : {"", "{", "[]", "{\"token\":5}", "{\"token\":\"a\",\"expires_at_us\":\"x\"}"}) {
    std::ofstream(directory_ / "run" / token_file_name("admin", "demo")) << text;
    EXPECT_FALSE(load_token(owner_, now_)) << text;
  }
}

TEST(TokenFileNameTest, NoNameLeavesTheDirectoryOrMeetsAnother) {
  EXPECT_EQ(token_file_name("../a", "b/c"), "token-..%2Fa-b%2Fc.json");
  EXPECT_NE(token_file_name("a-b", "c"), token_file_name("a", "b-c"));
}

}  // namespace
}  // namespace kilonova::cli
