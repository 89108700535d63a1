// Tokens kept between commands, so that not every one pays for checking a password: <state dir>/run/token-USER-PROJECT.json,
// readable by its owner only.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"

namespace kilonova::cli {

struct CachedToken {
  std::string token;
  WallTime expires_at;
  std::string project_id;  // hex
};

// Whose token; another password or cloud finds none.
struct TokenOwner {
  std::string state_dir;
  std::string endpoint;
  std::string user;
  std::string password;
  std::string project;
};

// Nothing when there is none, it expires within a minute, or the file is not ours to read.
std::optional<CachedToken> load_token(const TokenOwner& owner, WallTime now);
// What the file's text says, likewise. Any bytes.
std::optional<CachedToken> read_token(const std::string& text, const TokenOwner& owner, WallTime now);
// Best effort: without a directory to write to, the next command logs in again.
void store_token(const TokenOwner& owner, const CachedToken& token);
void forget_token(const TokenOwner& owner);

// The file's name; characters that no path should have are written as %XX.
std::string token_file_name(const std::string& user, const std::string& project);

}  // namespace kilonova::cli
