#include "cli/up/clouds_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

namespace kilonova::up {
namespace {

// A JSON text is a YAML text.
std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string entry(std::string_view name, const CloudsYaml& clouds, const std::string& user,
                  const std::string& password) {
  const std::string secret = password.empty() ? "# password: the one that was chosen; it is not written down"
                                              : "password: " + quoted(password);
  return fmt::format(
      "  {}:\n"
      "    auth:\n"
      "      auth_url: {}\n"
      "      username: {}\n"
      "      {}\n"
      "      project_name: {}\n"
      "      user_domain_id: default\n"
      "      project_domain_id: default\n"
      "    identity_api_version: '3'\n"
      "    region_name: RegionOne\n",
      name, quoted(clouds.auth_url), quoted(user), secret, quoted(user));
}

// The text behind the key, if this is a line of it.
std::string value_of(std::string_view line, std::string_view key) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  if (!line.starts_with(key)) return "";
  nlohmann::json value = nlohmann::json::parse(line.substr(key.size()), nullptr, false);
  return value.is_string() ? value.get<std::string>() : "";
}

}  // namespace

std::string clouds_yaml(const CloudsYaml& clouds) {
  return "# Written by kilonova up: OS_CLIENT_CONFIG_FILE=this, OS_CLOUD=one of its entries.\nclouds:\n" +
         entry("devstack", clouds, "demo", clouds.demo_password) +
         entry("devstack-alt", clouds, "alt_demo", clouds.demo_password) +
         entry("devstack-admin", clouds, "admin", clouds.admin_password) +
         entry("functional_admin", clouds, "admin", clouds.admin_password);
}

std::string password_in(const std::string& text, const std::string& user) {
  std::istringstream lines(text);
  std::string named;
  for (std::string line; std::getline(lines, line);) {
    if (std::string name = value_of(line, "username:"); !name.empty()) named = name;
    if (named != user) continue;
    if (std::string password = value_of(line, "password:"); !password.empty()) return password;
  }
  return "";
}

}  // namespace kilonova::up
