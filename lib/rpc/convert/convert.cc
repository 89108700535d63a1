#include "rpc/convert/convert.h"

#include "rpc/convert/codecs.h"

namespace kilonova::rpc {
namespace {

// Every alternative of Message::Body in order, and its field in Envelope.
#define KN_MESSAGES(X)                                      \
  X(SelectDestinations, select_destinations)                \
  X(HostStatuses, host_statuses)                            \
  X(NoValidHost, no_valid_host)                             \
  X(SelectDestinationsRefused, select_destinations_refused) \
  X(SchedulerHeartbeat, scheduler_heartbeat)                \
  X(BuildAndRunInstance, build_and_run_instance)            \
  X(UsageUpdate, usage_update)                              \
  X(RegisterHosts, register_hosts)                          \
  X(ComputeHeartbeat, compute_heartbeat)                    \
  X(InstanceReport, instance_report)                        \
  X(InstanceTerminated, instance_terminated)                \
  X(ServerActionDone, server_action_done)                   \
  X(RegisterHostsAnswer, register_hosts_answer)             \
  X(ReportAnswer, report_answer)                            \
  X(TerminateInstance, terminate_instance)                  \
  X(ApplyServerAction, apply_server_action)                 \
  X(AllocateAddresses, allocate_addresses)                  \
  X(ReleaseAddresses, release_addresses)                    \
  X(AllocateAddressesReply, allocate_addresses_reply)       \
  X(AddressesReleased, addresses_released)                  \
  X(NetworksSnapshot, networks_snapshot)                    \
  X(OwnershipQuery, ownership_query)                        \
  X(OwnershipAnswer, ownership_answer)                      \
  X(ApiCall, api_call)                                      \
  X(ApiReply, api_reply)                                    \
  X(TokenKeys, token_keys)                                  \
  X(WatchEvents, watch_events)                              \
  X(AddressKey, address_key)                                \
  X(FaultReached, fault_reached)                            \
  X(FaultVerdict, fault_verdict)                            \
  X(HttpFaults, http_faults)                                \
  X(EndProcess, end_process)                                \
  X(CacheImages, cache_images)                              \
  X(HostsDeleted, hosts_deleted)

struct EncodeBody {
  v1::Envelope* envelope;
#define KN_ENCODE_BODY(Name, field) \
  void operator()(const Name& body) const { encode(body, envelope->mutable_##field()); }
  KN_MESSAGES(KN_ENCODE_BODY)
#undef KN_ENCODE_BODY
};

void decode_body(const v1::Envelope& envelope, Message::Body* body, Decoder& decoder) {
  switch (envelope.body_case()) {
#define KN_DECODE_BODY(Name, field) \
  case v1::Envelope::k##Name: return decode(envelope.field(), &body->emplace<Name>(), decoder);
    KN_MESSAGES(KN_DECODE_BODY)
#undef KN_DECODE_BODY
    case v1::Envelope::BODY_NOT_SET: break;
  }
  decoder.fail("no body is set, or one that this version does not know");
}

}  // namespace

void to_proto(const Message& message, v1::Envelope* envelope) {
  envelope->Clear();
  envelope->set_call(message.call);
  visit(EncodeBody{envelope}, message.body);
}

Expected<Message> from_proto(const v1::Envelope& envelope) {
  Expected<Message> message;
  message->call = envelope.call();
  Decoder decoder;
  decode_body(envelope, &message->body, decoder);
  if (decoder.failed()) {
    bool unset = envelope.body_case() == v1::Envelope::BODY_NOT_SET;
    return std::unexpected(decoder.error(unset ? "Envelope" : message_name(*message)));
  }
  return message;
}

}  // namespace kilonova::rpc
