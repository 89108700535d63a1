// Records of the HTTP front's own kinds (domain/nouns/api_record.h). Loop thread only.
#pragma once

#include "controller/core/controller_world.h"
#include "domain/nouns/api_record.h"

namespace kilonova::controller {

class ApiRecords {
 public:
  explicit ApiRecords(ControllerWorld& world) : world_(world) {}

  // Answered after the commit; a refusal changes nothing. kNotFound for one that is named and not there; kAlreadyExists
  // for a new one whose id or unique name is taken, and for a unique name that another has; kConflict where another
  // writer was faster.
  Expected<ApiRecordList> handle(const ListApiRecords& request, const RequestContext& context) const;
  Task<Expected<ApiRecordList>> handle(PutApiRecord request, RequestContext context);
  Task<Expected<Empty>> handle(DeleteApiRecord request, RequestContext context);

 private:
  const ApiRecord* find(const std::string& kind, const std::string& id) const;
  bool is_name_taken(const PutApiRecord& request) const;

  ControllerWorld& world_;
};

}  // namespace kilonova::controller
