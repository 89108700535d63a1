// ClientStream: a stream this process dials. See stream.h for its life.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>

#include "rpc/loop/grpc_queue.h"
#include "rpc/node/stream.h"
#include "rpc/node/tls.h"

namespace kilonova {

class ClientStream final : public Stream {
 public:
  // Begins to connect; what comes of it arrives as events. The owner writes at once.
  static std::shared_ptr<ClientStream> dial(StreamEvents& events, rpc::GrpcQueue& queue, const std::string& address,
                                            const TlsPtr& tls);

  ClientStream(StreamEvents& events, const std::string& address, const TlsPtr& tls);

  bool dialed() const override { return true; }
  std::string remote() const override { return address_; }

 private:
  void start_read(grpc::ByteBuffer* bytes) override;
  void start_write(const grpc::ByteBuffer& bytes) override;
  void end(const grpc::Status& status, bool abort) override;

  void read_done(bool ok);
  void write_done(bool ok);
  void finish_done(bool ok);
  void finish_when_quiet();

  std::string address_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  grpc::Status status_;
  bool read_under_way_ = false;
  bool write_under_way_ = false;
  bool ending_ = false;

  rpc::MemberCompletion<ClientStream, &ClientStream::read_done> read_done_{this};
  rpc::MemberCompletion<ClientStream, &ClientStream::write_done> write_done_{this};
  rpc::MemberCompletion<ClientStream, &ClientStream::finish_done> finish_done_{this};
};

}  // namespace kilonova
