// A front whose controller is the test's respond(), which has the records of the front in memory, and answers at once.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/nouns/api_record.h"
#include "tests/unit/openstack/front_world.h"

namespace kilonova::api::openstack {

class AnsweringWorld : public FrontWorld {
 protected:
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

  void put(std::string kind, std::string id, std::string owner, Json body) {
    records_[{kind, id}] = {kind, id, std::move(owner), "", to_text(body), 1, {}, {}};
  }

  virtual Expected<ApiResponse> respond(const ApiRequest& request) = 0;
  static std::unexpected<Error> none() { return fail(ErrorCode::kNotFound, "not there"); }
  // Of the front's records; whatever else is asked is an error.
  Expected<ApiResponse> respond_of_records(const ApiRequest& request) {
    if (const auto* list = get_if<ListApiRecords>(&request)) return records(*list);
    if (const auto* put = get_if<PutApiRecord>(&request))
      return change(
          {.put = {{put->kind, put->id, put->owner, put->unique_name, put->body, put->revision, {}, {}}}, .erase = {}});
    if (const auto* several = get_if<ChangeApiRecords>(&request)) return change(*several);
    if (const auto* gone = get_if<DeleteApiRecord>(&request))
      return records_.erase({gone->kind, gone->id}) == 0 ? Expected<ApiResponse>(none()) : ApiResponse(Empty{});
    return fail(ErrorCode::kUnimplemented, "the test has no such operation");
  }

  std::map<std::pair<std::string, std::string>, ApiRecord> records_;

 private:
  bool is_open(size_t at) const {
    const Message& message = transport_.sent()[at].message;
    return holds_alternative<ApiCall>(message.body) && !answered_.contains(message.call);
  }
  Expected<> check(const ApiRecord& put) const {
    auto known = records_.find(put.key());
    if ((known == records_.end() ? 0 : known->second.revision) != put.revision)
      return fail(ErrorCode::kAlreadyExists, "there is another");
    for (const auto& [key, row] : records_)
      if (key.first == put.kind && key.second != put.id && !put.unique_name.empty() &&
          row.unique_name == put.unique_name)
        return fail(ErrorCode::kAlreadyExists, "the name is taken");
    return {};
  }
  Expected<ApiResponse> change(const ChangeApiRecords& wanted) {
    for (const ApiRecord& put : wanted.put)
      if (auto may = check(put); !may) return std::unexpected(may.error());
    for (const ApiRecord& gone : wanted.erase)
      if (!records_.contains(gone.key())) return none();
    ApiRecordList changed;
    for (const ApiRecord& put : wanted.put) {
      ApiRecord row{put.kind, put.id, put.owner, put.unique_name, put.body, put.revision + 1, {}, {}};
      records_[row.key()] = row;
      changed.records.push_back(std::move(row));
    }
    for (const ApiRecord& gone : wanted.erase) records_.erase(gone.key());
    return ApiResponse(std::move(changed));
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
