// Requests for addresses that a peer waits for. A reset ends the flows that would answer, and answers in their place: else
// who asked would ask again in seconds only. Loop thread only.
#pragma once

#include <cstdint>
#include <list>
#include <utility>

#include "domain/messages.h"
#include "ports/transport.h"

namespace kilonova::network {

class OpenRequests {
 public:
  struct Request {
    Peer from;
    uint64_t call = 0;
    Message::Body answer;  // where a reset ends it
  };
  using Requests = std::list<Request>;

  // In the frame of the flow that answers; the list outlives it.
  class Entry {
   public:
    Entry(OpenRequests& open, Request request)
        : requests_(open.requests_), place_(requests_.insert(requests_.end(), std::move(request))) {}
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { requests_.erase(place_); }

   private:
    Requests& requests_;
    Requests::iterator place_;
  };

  // In the order in which they came.
  Requests all() const { return requests_; }

 private:
  Requests requests_;
};

}  // namespace kilonova::network
