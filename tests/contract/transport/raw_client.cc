#include "raw_client.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include <future>

#include "rpc/node/channel.h"
#include "rpc/node/cluster_secret.h"
#include "rpc/node/handshake.h"
#include "rpc/node/limits.h"

namespace kilonova::testing {
namespace {

grpc::ByteBuffer buffer_of(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

class RawReactor final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  RawReactor(grpc::ClientContext* context, const std::vector<std::string>& writes, size_t enough)
      : context_(context), enough_(enough) {
    for (const std::string& bytes : writes) writes_.push_back(buffer_of(bytes));
  }

  void begin() {
    StartRead(&response_);
    if (!writes_.empty()) StartWrite(&writes_[0]);
    StartCall();
  }
  RawResult wait() {
    done_.get_future().wait();
    return std::move(result_);
  }

  void OnWriteDone(bool ok) override {
    if (ok && ++written_ < writes_.size()) StartWrite(&writes_[written_]);
  }
  void OnReadDone(bool ok) override {
    if (!ok) return;
    grpc::Slice slice;
    if (response_.DumpToSingleSlice(&slice).ok()) {
      result_.responses.emplace_back(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    if (result_.responses.size() >= enough_) context_->TryCancel();
    response_.Clear();
    StartRead(&response_);
  }
  void OnDone(const grpc::Status& status) override {
    result_.status = status;
    done_.set_value();
  }

 private:
  grpc::ClientContext* context_;
  size_t enough_;
  std::vector<grpc::ByteBuffer> writes_;
  size_t written_ = 0;
  grpc::ByteBuffer response_;
  RawResult result_;
  std::promise<void> done_;
};

}  // namespace

RawResult raw_stream(const std::string& address, const std::string& method, const std::vector<std::string>& writes,
                     size_t enough) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxSendMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  grpc::GenericStub stub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  RawReactor reactor(&context, writes, enough);
  stub.PrepareBidiStreamingCall(&context, method, grpc::StubOptions{}, &reactor);
  reactor.begin();
  return reactor.wait();
}

RawResult raw_connect(const std::string& address, const std::vector<std::string>& writes) {
  return raw_stream(address, "/kilonova.v1.Peer/Connect", writes);
}

v1::Hello good_hello(PeerId id, Incarnation incarnation) {
  v1::Hello hello;
  hello.set_protocol_version(kProtocolVersion);
  hello.set_role(static_cast<uint32_t>(id.role));
  hello.set_index(id.index);
  hello.set_incarnation(incarnation);
  hello.set_hostname("raw");
  hello.set_nonce(random_nonce());
  return hello;
}

std::string frame_with(const v1::Hello& hello) {
  v1::Frame frame;
  *frame.mutable_hello() = hello;
  return frame.SerializeAsString();
}

RawPeer::RawPeer(const std::string& address, std::string secret)
    : secret_(std::move(secret)), stub_(v1::Peer::NewStub(open_private_channel(address))) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  stream_ = stub_->Connect(&context_);
}

RawPeer::~RawPeer() {
  context_.TryCancel();
  wait_for_end();
}

grpc::Status RawPeer::join(const v1::Hello& hello) {
  v1::Frame frame;
  *frame.mutable_hello() = hello;
  stream_->Write(frame);
  v1::Frame answer;
  if (!stream_->Read(&answer)) return wait_for_end();
  server_ = answer.hello();
  frame.Clear();
  const ClusterSecret secret = *ClusterSecret::parse(secret_);
  const auto key = secret.key_for(static_cast<Role>(hello.role()), static_cast<Role>(server_.role()));
  frame.set_proof(make_proof(key.value_or(""), "dialer", hello, server_));
  stream_->Write(frame);
  if (!stream_->Read(&answer)) return wait_for_end();
  return grpc::Status::OK;
}

grpc::Status RawPeer::wait_for_end() {
  if (ended_) return grpc::Status::OK;
  ended_ = true;
  v1::Frame dropped;
  while (stream_->Read(&dropped)) {
  }
  return stream_->Finish();
}

}  // namespace kilonova::testing
