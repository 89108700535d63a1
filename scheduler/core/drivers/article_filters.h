// What the drivers of the 2011 article filter by. Bexar had no server groups: their filters are today's, and run where
// the server is of a group.
#pragma once

#include <initializer_list>
#include <string_view>

#include "scheduler/core/filters/filter.h"
#include "scheduler/core/options.h"
#include "scheduler/core/scheduling_request.h"

namespace kilonova::scheduler {

class ArticleFilters {
 public:
  ArticleFilters(std::initializer_list<std::string_view> names, const SchedulerOptions& options) {
    for (Filters* filters : {&alone_, &in_group_})
      for (std::string_view name : names) filters->push_back(make_filter(name, options));
    for (std::string_view name : {"ServerGroupAntiAffinityFilter", "ServerGroupAffinityFilter"})
      in_group_.push_back(make_filter(name, options));
  }
  const Filters& of(const SchedulingRequest& request) const { return request.neighbours.policy ? in_group_ : alone_; }

 private:
  Filters alone_;
  Filters in_group_;
};

}  // namespace kilonova::scheduler
