// Completion: what an operation of gRPC is begun with, and told through when it has ended.
#pragma once

namespace kilonova::rpc {

// complete() is called on the loop, once for each operation. It may destroy the completion.
class Completion {
 public:
  virtual void complete(bool ok) = 0;

 protected:
  ~Completion() = default;
};

// Calls a member of its owner. One operation at a time.
template <class Owner, void (Owner::*kMember)(bool ok)>
class MemberCompletion final : public Completion {
 public:
  explicit MemberCompletion(Owner* owner) : owner_(owner) {}
  void complete(bool ok) override { (owner_->*kMember)(ok); }

 private:
  Owner* owner_;
};

}  // namespace kilonova::rpc
