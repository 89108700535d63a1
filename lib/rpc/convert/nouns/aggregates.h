// Host aggregates on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/aggregate.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Aggregate, Aggregate)

KN_DECLARE_CODEC(Aggregate, Aggregate)

#define KN_AGGREGATE_CALLS(X)                                      \
  X(ListAggregates, list_aggregates, ListAggregatesRequest)        \
  X(CreateAggregate, create_aggregate, CreateAggregateRequest)     \
  X(SetAggregate, set_aggregate, SetAggregateRequest)              \
  X(DeleteAggregate, delete_aggregate, DeleteAggregateRequest)     \
  X(AddAggregateHost, add_aggregate_host, AddAggregateHostRequest) \
  X(RemoveAggregateHost, remove_aggregate_host, RemoveAggregateHostRequest) \
  X(CacheAggregateImages, cache_aggregate_images, CacheAggregateImagesRequest)
#define KN_AGGREGATE_REPLIES(X) X(AggregateList, aggregate_list, AggregateList, kAggregateList)
#define KN_AGGREGATE_METHODS(X) \
  X(ListAggregates) X(CreateAggregate) X(SetAggregate) X(DeleteAggregate) X(AddAggregateHost) X(RemoveAggregateHost) \
  X(CacheAggregateImages)

KN_AGGREGATE_CALLS(KN_DECLARE_CALL)
KN_AGGREGATE_REPLIES(KN_DECLARE_REPLY)
KN_AGGREGATE_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
