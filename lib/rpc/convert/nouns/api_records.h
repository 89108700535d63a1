// Records of the HTTP front's own kinds, between daemons: no method of the public service has them.
#pragma once

#include "domain/nouns/api_record.h"
#include "kilonova/v1/api_record.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(ApiRecord, ApiRecord)

KN_DECLARE_CODEC(ApiRecord, ApiRecord)

#define KN_API_RECORD_CALLS(X)                               \
  X(ListApiRecords, list_api_records, ListApiRecordsCall)    \
  X(PutApiRecord, put_api_record, PutApiRecordCall)          \
  X(DeleteApiRecord, delete_api_record, DeleteApiRecordCall) \
  X(ChangeApiRecords, change_api_records, ChangeApiRecordsCall)
#define KN_API_RECORD_REPLIES(X) X(ApiRecordList, api_record_list, ApiRecordList, kApiRecordList)
#define KN_API_RECORD_METHODS(X)

KN_API_RECORD_CALLS(KN_DECLARE_CALL)
KN_API_RECORD_REPLIES(KN_DECLARE_REPLY)

}  // namespace kilonova::rpc
