#include "rpc/node/client_stream.h"

#include <utility>

#include "rpc/node/channel.h"

namespace kilonova {

ClientStream::ClientStream(std::shared_ptr<StreamHub> hub, const std::string& address, const TlsPtr& tls)
    : Stream(std::move(hub)), address_(address), stub_(open_private_channel(address, tls)) {}

std::shared_ptr<ClientStream> ClientStream::dial(std::shared_ptr<StreamHub> hub, const std::string& address,
                                                 const TlsPtr& tls) {
  auto stream = std::make_shared<ClientStream>(std::move(hub), address, tls);
  if (!stream->begin()) return nullptr;
  stream->stub_.PrepareBidiStreamingCall(&stream->context_, "/kilonova.v1.Peer/Connect", grpc::StubOptions{}, stream.get());
  // Writes come from the loop, outside of reactions: until end() takes it back, the hold keeps gRPC from being done.
  stream->AddHold();
  stream->read_next();
  stream->StartCall();
  return stream;
}

void ClientStream::end(const grpc::Status&, bool abort) {
  if (abort) context_.TryCancel();
  RemoveHold();
}

}  // namespace kilonova
