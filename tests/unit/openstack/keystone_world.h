// A front whose controller has users, projects and records in memory, and answers at once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/api_record.h"
#include "domain/nouns/project.h"
#include "domain/nouns/user.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {

class KeystoneWorld : public FrontWorld {
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
  void put(std::string kind, std::string id, std::string owner, Json body) {
    records_[{kind, id}] = {kind, id, std::move(owner), "", to_text(body), 1, {}, {}};
  }

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
  // What the controller is asked, answered until nobody asks.
  void answer_all() {
    for (size_t at = 0;; ++at) {
      while (at < transport_.sent().size() && !is_open(at)) ++at;
      if (at >= transport_.sent().size()) return;
      uint64_t call = transport_.sent()[at].message.call;
      answered_.insert(call);
      ApiRequest request = get<ApiCall>(transport_.sent()[at].message.body).request;
      transport_.deliver(core_, kController, ApiReply{respond(request)}, call);
      settle();
    }
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
  std::map<std::pair<std::string, std::string>, ApiRecord> records_;

 private:
  bool is_open(size_t at) const {
    const Message& message = transport_.sent()[at].message;
    return holds_alternative<ApiCall>(message.body) && !answered_.contains(message.call);
  }
  template <class Row>
  static const Row* named(const std::vector<Row>& rows, const std::string& name) {
    for (const Row& row : rows)
      if (row.name == name || parse_uuid(name) == row.id) return &row;
    return nullptr;
  }
  static std::unexpected<Error> none() { return fail(ErrorCode::kNotFound, "not there"); }

  Expected<ApiResponse> respond(const ApiRequest& request) {
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
    if (const auto* list = get_if<ListApiRecords>(&request)) return records(*list);
    if (const auto* replace = get_if<ReplaceUser>(&request)) {
      for (User& user : users_) {
        if (parse_uuid(replace->user) != user.id) continue;
        user.enabled = replace->enabled;
        if (!replace->password_hash.empty()) user.password_hash = replace->password_hash;
        return ApiResponse(UserList{{user}});
      }
      return none();
    }
    if (const auto* put = get_if<PutApiRecord>(&request)) return put_record(*put);
    if (const auto* gone = get_if<DeleteApiRecord>(&request))
      return records_.erase({gone->kind, gone->id}) == 0 ? Expected<ApiResponse>(none()) : ApiResponse(Empty{});
    return fail(ErrorCode::kUnimplemented, "the test has no such operation");
  }
  Expected<ApiResponse> put_record(const PutApiRecord& put) {
    auto known = records_.find({put.kind, put.id});
    if ((known == records_.end() ? 0 : known->second.revision) != put.revision)
      return fail(ErrorCode::kAlreadyExists, "there is another");
    for (const auto& [key, row] : records_)
      if (key.first == put.kind && key.second != put.id && !put.unique_name.empty() &&
          row.unique_name == put.unique_name)
        return fail(ErrorCode::kAlreadyExists, "the name is taken");
    ApiRecord row{put.kind, put.id, put.owner, put.unique_name, put.body, put.revision + 1, {}, {}};
    records_[{put.kind, put.id}] = row;
    return ApiResponse(ApiRecordList{{std::move(row)}});
  }
  Expected<ApiResponse> records(const ListApiRecords& list) {
    ApiRecordList found;
    for (const auto& [key, row] : records_)
      if (key.first == list.kind && (list.id.empty() || list.id == key.second) &&
          (list.owner.empty() || list.owner == row.owner))
        found.records.push_back(row);
    if (!list.id.empty() && found.records.empty()) return none();
    return ApiResponse(std::move(found));
  }

  std::set<uint64_t> answered_;
};

}  // namespace kilonova::api::openstack
