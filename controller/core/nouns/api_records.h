// Records of the HTTP front's own kinds (domain/nouns/api_record.h). Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/api_record.h"

namespace kilonova::controller {

// Of one kind: no client makes the store grow for ever.
inline constexpr size_t kRecordsOfOwner = 10'000;

class ApiRecords {
 public:
  explicit ApiRecords(ControllerWorld& world) : world_(world) {}

  // Answered after the commit; a refusal changes nothing. kNotFound for one that is named and not there; kAlreadyExists
  // for a new one whose id or unique name is taken, and for a unique name that another has; kConflict where another
  // writer was faster; kQuotaExceeded where the owner has kRecordsOfOwner of the kind.
  Expected<ApiRecordList> handle(const ListApiRecords& request, const RequestContext& context) const;
  Task<Expected<ApiRecordList>> handle(PutApiRecord request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteApiRecord request, RequestContext context);
  // The errors of the first record that has one; nothing of the rest is written then.
  Task<Expected<ApiRecordList>> handle(ChangeApiRecords request, RequestContext context);

 private:
  const ApiRecord* find(const std::string& kind, const std::string& id) const;
  // Of another record of its kind than itself.
  bool is_name_taken(const ApiRecord& wanted) const;
  // Whether the record may be put as it is.
  Expected<> check_put(const ApiRecord& wanted) const;
  // Of its owner, for one more.
  Expected<> check_room(const ApiRecord& wanted) const;
  // There is one of this revision.
  Expected<> check_revision(const ApiRecord& wanted) const;
  // With its next revision and its times.
  ApiRecord row_of(ApiRecord wanted) const;

  ControllerWorld& world_;
};

}  // namespace kilonova::controller
