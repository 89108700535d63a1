#include "rpc/convert/nouns/api_records.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(ApiRecord, v1::ApiRecord,
         KN_FIELD(kind) KN_FIELD(id) KN_FIELD(owner) KN_FIELD(unique_name) KN_FIELD(body) KN_FIELD(revision)
             KN_TIME(created_at) KN_TIME(updated_at))

KN_CODEC(ListApiRecords, v1::ListApiRecordsCall,
         KN_FIELD(kind) KN_FIELD(id) KN_FIELD(owner) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(PutApiRecord, v1::PutApiRecordCall,
         KN_FIELD(kind) KN_FIELD(id) KN_FIELD(owner) KN_FIELD(unique_name) KN_FIELD(body) KN_FIELD(revision))
KN_CODEC(DeleteApiRecord, v1::DeleteApiRecordCall, KN_FIELD(kind) KN_FIELD(id))
KN_CODEC(ChangeApiRecords, v1::ChangeApiRecordsCall, KN_FIELD(put) KN_FIELD(erase))

KN_CODEC(ApiRecordList, v1::ApiRecordList, KN_FIELD(records) KN_FIELD(more))

}  // namespace kilonova::rpc
