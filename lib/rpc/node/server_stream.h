// ServerStream: a stream that another process dialed; PeerService: the gRPC service that accepts them. See stream.h for
// threads and lifetime.
#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "kilonova/v1/peer.grpc.pb.h"
#include "rpc/node/stream.h"

namespace kilonova {

class ServerStream final : public Stream, public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  ServerStream(std::shared_ptr<StreamHub> hub, grpc::CallbackServerContext* context);

  // Reports the stream to the hub's owner and begins to read. Once the hub is closed: ends it with UNAVAILABLE.
  // In PeerService::Connect only.
  void accept();

  bool dialed() const override { return false; }
  std::string remote() const override { return remote_; }

 private:
  void start_read(grpc::ByteBuffer* bytes) override { StartRead(bytes); }
  void start_write(const grpc::ByteBuffer* bytes) override;
  void end(const grpc::Status& status, bool abort) override;

  void OnReadDone(bool ok) override { read_finished(ok); }
  void OnWriteDone(bool ok) override;
  void OnDone() override;
  void grace_is_over();

  grpc::CallbackServerContext* context_;  // valid until OnDone
  std::string remote_;
  std::shared_ptr<Stream> never_begun_;  // accepted after the hub was closed: alive until OnDone all the same

  // Finish() must wait for a write under way, so that the dialer reads why; one that a frozen peer blocks is cancelled
  // when the grace is over.
  grpc::Alarm grace_;
  std::mutex mutex_;  // guards what follows; no callback of gRPC's runs under it
  bool write_under_way_ = false;
  bool cancelling_ = false;
  bool grace_set_ = false;  // its callback is still to come: the stream lives until then
  bool done_ = false;
  std::optional<grpc::Status> finish_after_write_;
};

class PeerService final : public v1::Peer::WithRawCallbackMethod_Connect<v1::Peer::Service> {
 public:
  explicit PeerService(std::shared_ptr<StreamHub> hub) : hub_(std::move(hub)) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(grpc::CallbackServerContext* context) override;

 private:
  std::shared_ptr<StreamHub> hub_;
};

}  // namespace kilonova
