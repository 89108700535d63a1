// ClientStream: a stream this process dials. See stream.h for threads and lifetime.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/client_callback.h>

#include <memory>
#include <string>

#include "rpc/node/stream.h"
#include "rpc/node/tls.h"

namespace kilonova {

class ClientStream final : public Stream, public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  // Begins to connect; what comes of it arrives as events. Null once the hub is closed. Loop thread.
  static std::shared_ptr<ClientStream> dial(std::shared_ptr<StreamHub> hub, const std::string& address,
                                            const TlsPtr& tls);

  ClientStream(std::shared_ptr<StreamHub> hub, const std::string& address, const TlsPtr& tls);

  bool dialed() const override { return true; }
  std::string remote() const override { return address_; }

 private:
  void start_read(grpc::ByteBuffer* bytes) override { StartRead(bytes); }
  void start_write(const grpc::ByteBuffer* bytes) override { StartWrite(bytes); }
  void end(const grpc::Status& status, bool abort) override;

  void OnReadDone(bool ok) override { read_finished(ok); }
  void OnWriteDone(bool) override { write_finished(); }
  void OnDone(const grpc::Status& status) override { finished(status); }

  std::string address_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
};

}  // namespace kilonova
