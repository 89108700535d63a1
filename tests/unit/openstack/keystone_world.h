// A front whose controller has users, projects and records in memory, and answers at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/project.h"
#include "domain/nouns/user.h"
#include "tests/unit/openstack/answering_world.h"

namespace kilonova::api::openstack {

class KeystoneWorld : public AnsweringWorld {
 protected:
  KeystoneWorld() {
    add_user(user_, "demo");
    add_project(project_, "work");
    roles_ = {{user_, project_, UserRole::kMember}};
  }

  void add_user(const Uuid& id, std::string name) {
    users_.push_back({id, name, "scrypt$fake$secret of " + name, true});
  }
  void add_project(const Uuid& id, std::string name) { projects_.push_back({id, std::move(name), "", true}); }

  // With this token, "" = without one.
  http::Response send(std::string method, std::string path, Json body = nullptr, std::string token = "",
                      http::Headers headers = {}) {
    if (!token.empty()) headers.emplace_back("X-Auth-Token", std::move(token));
    Reply& reply = ask(UserRole::kNone, std::move(method), "/identity" + std::move(path),
                       body.is_null() ? "" : to_text(body), std::move(headers));
    answer_all();
    EXPECT_TRUE(reply.has_value());
    return reply.value_or(http::Response{});
  }
  static Json by_password(const std::string& user, const std::string& password, Json scope = nullptr) {
    Json auth{{"identity",
               {{"methods", {"password"}},
                {"password", {{"user", {{"name", user}, {"password", password}, {"domain", {{"id", "default"}}}}}}}}}};
    if (!scope.is_null()) auth["scope"] = std::move(scope);
    return {{"auth", std::move(auth)}};
  }
  static Json by_token(const std::string& token, Json scope = nullptr) {
    Json auth{{"identity", {{"methods", {"token"}}, {"token", {{"id", token}}}}}};
    if (!scope.is_null()) auth["scope"] = std::move(scope);
    return {{"auth", std::move(auth)}};
  }
  Json to_project(const Uuid& id) { return {{"project", {{"id", to_hex(id)}}}}; }
  http::Response log_in(const Json& body) { return send("POST", "/v3/auth/tokens", body); }
  std::string token_of(const http::Response& response) {
    const std::string* token = http::find_header(response.headers, "X-Subject-Token");
    EXPECT_NE(token, nullptr) << response.status << " " << response.body;
    return token == nullptr ? "" : *token;
  }
  static Json json(const http::Response& response) { return parse_json(response.body).value_or(Json()); }
  std::string member_token() { return token_of(log_in(by_password("demo", "secret of demo", to_project(project_)))); }

  std::vector<User> users_;
  std::vector<Project> projects_;
  std::vector<RoleAssignment> roles_;

 private:
  template <class Row>
  static const Row* named(const std::vector<Row>& rows, const std::string& name) {
    for (const Row& row : rows)
      if (row.name == name || parse_uuid(name) == row.id) return &row;
    return nullptr;
  }

  Expected<ApiResponse> respond(const ApiRequest& request) override {
    if (const auto* find = get_if<FindUser>(&request)) {
      const User* user = named(users_, find->user);
      return user == nullptr ? Expected<ApiResponse>(none()) : ApiResponse(FoundUser{*user, {}, UserRole::kNone});
    }
    if (const auto* list = get_if<ListUsers>(&request)) {
      const User* user = named(users_, list->user);
      if (user == nullptr) return none();
      UserList found{{*user}};
      for (const RoleAssignment& role : roles_)
        if (role.user_id == user->id) found.roles.push_back(role);
      return ApiResponse(std::move(found));
    }
    if (const auto* list = get_if<ListProjects>(&request)) {
      if (list->project.empty()) return ApiResponse(ProjectList{projects_});
      const Project* project = named(projects_, list->project);
      return project == nullptr ? Expected<ApiResponse>(none()) : ApiResponse(ProjectList{{*project}});
    }
    if (const auto* replace = get_if<ReplaceUser>(&request)) {
      for (User& user : users_) {
        if (parse_uuid(replace->user) != user.id) continue;
        user.enabled = replace->enabled;
        if (!replace->password_hash.empty()) user.password_hash = replace->password_hash;
        return ApiResponse(UserList{{user}});
      }
      return none();
    }
    return respond_of_records(request);
  }
};

}  // namespace kilonova::api::openstack
