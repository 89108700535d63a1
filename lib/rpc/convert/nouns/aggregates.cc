#include "rpc/convert/nouns/aggregates.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"

namespace kilonova::rpc {

KN_CODEC(Aggregate, v1::Aggregate,
         KN_FIELD(id) KN_FIELD(uuid) KN_FIELD(name) KN_FIELD(availability_zone) KN_FIELD(hosts) KN_FIELD(metadata)
             KN_TIME(created_at) KN_TIME(updated_at))

KN_CODEC(ListAggregates, v1::ListAggregatesRequest, KN_FIELD(aggregate) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(CreateAggregate, v1::CreateAggregateRequest, KN_FIELD(name) KN_FIELD(availability_zone))
KN_CODEC(SetAggregate, v1::SetAggregateRequest,
         KN_FIELD(aggregate) KN_FIELD(name) KN_FIELD(availability_zone) KN_FIELD(set) KN_FIELD(unset))
KN_CODEC(DeleteAggregate, v1::DeleteAggregateRequest, KN_FIELD(aggregate))
KN_CODEC(AddAggregateHost, v1::AddAggregateHostRequest, KN_FIELD(aggregate) KN_FIELD(host))
KN_CODEC(RemoveAggregateHost, v1::RemoveAggregateHostRequest, KN_FIELD(aggregate) KN_FIELD(host))
KN_CODEC(CacheAggregateImages, v1::CacheAggregateImagesRequest, KN_FIELD(aggregate) KN_FIELD(images))

KN_CODEC(AggregateList, v1::AggregateList, KN_FIELD(aggregates) KN_FIELD(more))

bool to_public(const ListAggregates::Reply& reply, Audience, v1::ListAggregatesReply* proto) {
  add_all(reply.aggregates, proto->mutable_aggregates(), kEncode);
  proto->set_more(reply.more);
  return true;
}
bool to_public(const CreateAggregate::Reply& reply, Audience, v1::CreateAggregateReply* proto) {
  return add_first(reply.aggregates, proto->mutable_aggregate(), kEncode);
}
bool to_public(const SetAggregate::Reply& reply, Audience, v1::SetAggregateReply* proto) {
  return add_first(reply.aggregates, proto->mutable_aggregate(), kEncode);
}
bool to_public(const AddAggregateHost::Reply& reply, Audience, v1::AddAggregateHostReply* proto) {
  return add_first(reply.aggregates, proto->mutable_aggregate(), kEncode);
}
bool to_public(const RemoveAggregateHost::Reply& reply, Audience, v1::RemoveAggregateHostReply* proto) {
  return add_first(reply.aggregates, proto->mutable_aggregate(), kEncode);
}
KN_EMPTY_REPLY(DeleteAggregate)
KN_EMPTY_REPLY(CacheAggregateImages)

}  // namespace kilonova::rpc
