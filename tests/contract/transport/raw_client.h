// RawClient: a gRPC client that says what it likes, for what a daemon's doors must withstand.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <vector>

#include "base/ids.h"
#include "kilonova/v1/peer.grpc.pb.h"

namespace kilonova::testing {

struct RawResult {
  grpc::Status status;
  std::vector<std::string> responses;
};

// A stream on which these bytes are written; ends when the server ends it, or when `enough` responses came.
RawResult raw_stream(const std::string& address, const std::string& method, const std::vector<std::string>& writes,
                     size_t enough = SIZE_MAX);
// The same on the daemons' service.
RawResult raw_connect(const std::string& address, const std::vector<std::string>& writes);

// A hello that any daemon of an equal release could send to the controller.
v1::Hello good_hello(PeerId id, Incarnation incarnation);
std::string frame_with(const v1::Hello& hello);

// One connection with a true handshake, made by hand.
class RawPeer {
 public:
  RawPeer(const std::string& address, std::string secret = "");
  ~RawPeer();

  // Hello and proof. OK once the server took the proof (it answered with a directory).
  grpc::Status join(const v1::Hello& hello);
  const v1::Hello& server() const { return server_; }
  bool write(const v1::Frame& frame) { return stream_->Write(frame); }
  // The status the server ends the stream with; what it still says is dropped.
  grpc::Status wait_for_end();

 private:
  std::string secret_;
  std::unique_ptr<v1::Peer::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::Frame, v1::Frame>> stream_;
  v1::Hello server_;
  bool ended_ = false;
};

}  // namespace kilonova::testing
