// ThreadAnswers: how a thread of a store answers flows on the loop. Operation ids cross over, never frames.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "runtime/pending_calls.h"
#include "runtime/real_loop.h"

namespace kilonova {

template <class Answer>
class ThreadAnswers {
 public:
  struct Answered {
    uint64_t id;
    Answer answer;
  };

  // The loop must outlive it. Answers that are under way to the loop may outlive it and go nowhere.
  explicit ThreadAnswers(RealLoop& loop) : loop_(loop), calls_(std::make_shared<PendingCalls<Answer>>(loop)) {}

  // Loop thread. The flow that awaits the call must die before this object.
  typename PendingCalls<Answer>::Call open() { return calls_->open(); }

  // Any thread: answers in order, all in one turn of the loop.
  void post(std::vector<Answered> answers) {
    loop_.post_from_any_thread([calls = calls_, answers = std::move(answers)]() mutable {
      for (Answered& answered : answers) calls->complete(answered.id, std::move(answered.answer));
    });
  }

 private:
  RealLoop& loop_;
  std::shared_ptr<PendingCalls<Answer>> calls_;
};

}  // namespace kilonova
