#include "rpc/node/client_stream.h"

#include "rpc/node/channel.h"

namespace kilonova {

ClientStream::ClientStream(StreamEvents& events, const std::string& address, const TlsPtr& tls)
    : Stream(events), address_(address), stub_(open_private_channel(address, tls)) {}

std::shared_ptr<ClientStream> ClientStream::dial(StreamEvents& events, rpc::GrpcQueue& queue,
                                                 const std::string& address, const TlsPtr& tls) {
  auto stream = std::make_shared<ClientStream>(events, address, tls);
  stream->begin();
  // The call's beginning goes out with the first message, and needs no completion of its own.
  stream->context_.set_initial_metadata_corked(true);
  stream->call_ = stream->stub_.PrepareCall(&stream->context_, "/kilonova.v1.Peer/Connect", &queue.queue());
  stream->call_->StartCall(nullptr);
  stream->read_next();
  return stream;
}

void ClientStream::start_read(grpc::ByteBuffer* bytes) {
  read_under_way_ = true;
  call_->Read(bytes, &read_done_);
}

void ClientStream::start_write(const grpc::ByteBuffer& bytes) {
  write_under_way_ = true;
  call_->Write(bytes, &write_done_);
}

void ClientStream::end(const grpc::Status&, bool abort) {
  if (abort) context_.TryCancel();
  ending_ = true;
  finish_when_quiet();
}

// gRPC wants to hear of the end when nothing else is under way. Both come back, as the call is cancelled or over.
void ClientStream::finish_when_quiet() {
  if (!read_under_way_ && !write_under_way_) call_->Finish(&status_, &finish_done_);
}

void ClientStream::read_done(bool ok) {
  read_under_way_ = false;
  if (ending_)
    finish_when_quiet();
  else
    read_finished(ok);
}

void ClientStream::write_done(bool) {
  write_under_way_ = false;
  if (ending_)
    finish_when_quiet();
  else
    write_finished();
}

void ClientStream::finish_done(bool) { finished(status_); }

}  // namespace kilonova
