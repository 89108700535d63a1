#include "store/postgres_address.h"

#include <fmt/format.h>
#include <libpq-fe.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>

namespace kilonova {
namespace {

constexpr std::string_view kForm =
    "write postgresql://USER@HOST:PORT/DATABASE, or postgresql:///DATABASE?host=/SOCKET/DIRECTORY";

// What may hold a password is not repeated: what stands behind the user's name, or the parameters.
std::string shown(const std::string& url) {
  if (url.find_first_of("@?=") == std::string::npos) return fmt::format("\"{}\"", url);
  const size_t slashes = url.find("//");
  const size_t user = slashes == std::string::npos ? 0 : slashes;
  return fmt::format("\"{}...\"", url.substr(0, std::min({url.find(':', user), url.find_first_of("@?="), url.size()})));
}

}  // namespace

Expected<std::string> postgres_address(const std::string& url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://"))
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no URL of PostgreSQL: {}", shown(url), kForm));
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> parsed(PQconninfoParse(url.c_str(), &message),
                                                                              PQconninfoFree);
  const std::unique_ptr<char, void (*)(void*)> held(message, PQfreemem);
  // libpq's own words repeat the URL with whatever is in it.
  if (!parsed)
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} is no URL that libpq can read: {}", shown(url), kForm));
  std::map<std::string, std::string> said;
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option)
    if (option->val != nullptr) said[option->keyword] = option->val;
  if (said.contains("password"))
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} holds a password, which every user of the machine could read: leave it out, and name "
                            "--store-password-file or write ~/.pgpass",
                            shown(url)));
  const std::string user = said["user"].empty() ? "" : said["user"] + "@";
  // One for each of several hosts, or none.
  const bool has_port = said["port"].find_first_not_of(',') != std::string::npos;
  const std::string port = has_port ? ":" + said["port"] : "";
  const std::string& host = said["host"].empty() ? said["hostaddr"] : said["host"];
  if (host.starts_with("/"))
    return fmt::format("postgresql://{}/{}?host={}{}", user, said["dbname"], host,
                       port.empty() ? "" : "&port=" + said["port"]);
  const bool is_ipv6 = host.find(':') != std::string::npos && host.find(',') == std::string::npos;
  return fmt::format("postgresql://{}{}{}/{}", user, is_ipv6 ? fmt::format("[{}]", host) : host, port, said["dbname"]);
}

}  // namespace kilonova
