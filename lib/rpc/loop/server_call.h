// ServerCall: one call that a client or daemon made here, of any kind: messages read, messages written, a status. On
// the loop, one operation of each kind at a time; bytes, so that what can't be read is refused with words.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include <cstddef>
#include <optional>
#include <set>
#include <string>

#include "rpc/loop/completion.h"
#include "rpc/loop/grpc_queue.h"

namespace kilonova::rpc {

// Loop thread only. Whoever took the call over (CallService) sets its events and owns it until on_over().
class ServerCall {
 public:
  // What came of the operations; none of these before the operation's function has returned. After finish() only
  // on_over().
  class Events {
   public:
    virtual ~Events() = default;
    // false: the client has said all it will, or is gone.
    virtual void on_read(bool) {}
    // false: the client is gone.
    virtual void on_written(bool) {}
    // The client is gone, or took the call back. Reads and writes under way fail.
    virtual void on_cancelled() {}
    // Last: gRPC is done with the call, which may be destroyed from here on.
    virtual void on_over() = 0;
  };

  // Calls that have arrived and are not destroyed; what they wait for.
  struct Book {
    size_t open = 0;
    std::set<ServerCall*> silent;  // a message is due
  };
  ServerCall(GrpcQueue& queue, Book& book);
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;
  // Over, or never begun.
  ~ServerCall();

  // For the next call that comes: `completion` is told, false when there will be none.
  void await(grpc::AsyncGenericService& service, Completion& completion);
  // The call has come.
  void arrived();

  void set_events(Events* events) { events_ = events; }
  // "/kilonova.v1.Cloud/Login"
  const std::string& method() const { return context_.method(); }
  // For metadata, deadline and the client's address.
  grpc::ServerContext& context() { return context_; }
  const grpc::ServerContext& context() const { return context_; }

  bool writing() const { return writing_; }
  bool finished() const { return finished_; }
  // Into `bytes`, which must live until on_read(), or on_over().
  void read(grpc::ByteBuffer* bytes);
  // The same for a message that is due at once: when it does not come, the call is taken back in the end
  // (CallAcceptor::take_back_silent), as if the client had gone.
  void read_due(grpc::ByteBuffer* bytes);
  void write(const grpc::ByteBuffer& bytes);
  // Once, at any time: it waits for a write under way. cancel() ends one that the client does not take.
  void finish(const grpc::Status& status);
  // The only message and OK at once. Not while writing.
  void finish_with(const grpc::ByteBuffer& bytes);
  // As if the client had gone; finish() is wanted all the same.
  void cancel() { context_.TryCancel(); }
  // How often the call was found silent: counted by the acceptor.
  int found_silent = 0;

 private:
  void read_done(bool ok);
  void write_done(bool ok);
  void finish_done(bool ok);
  void ended(bool ok);
  void look_whether_over();

  GrpcQueue& queue_;
  Book& book_;
  grpc::GenericServerContext context_;
  grpc::GenericServerAsyncReaderWriter stream_{&context_};
  Events* events_ = nullptr;
  int under_way_ = 0;  // operations of gRPC's that have not ended
  bool begun_ = false;
  bool writing_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> after_write_;  // of finish(), while a write is under way

  MemberCompletion<ServerCall, &ServerCall::read_done> read_done_{this};
  MemberCompletion<ServerCall, &ServerCall::write_done> write_done_{this};
  MemberCompletion<ServerCall, &ServerCall::finish_done> finish_done_{this};
  MemberCompletion<ServerCall, &ServerCall::ended> ended_{this};
};

}  // namespace kilonova::rpc
