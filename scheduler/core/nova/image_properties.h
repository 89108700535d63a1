// The properties of an image, typed as Nova types them. Nova: nova/objects/image_meta.py ImageMetaProps.from_dict.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "scheduler/core/python_object.h"

namespace kilonova::scheduler::nova {

class ImageProperties {
 public:
  // Names that Nova does not know are left out; old names count unless the new one is there. kInvalidArgument names a
  // property whose value Nova refuses, and what it takes.
  static Expected<ImageProperties> from_dict(const PythonDict& properties);

  // None when it is not set.
  PythonValue get(std::string_view name) const;
  // Whether Nova has a property of that name, set or not.
  static bool is_known(std::string_view name);

 private:
  std::map<std::string, PythonValue, std::less<>> values_;
};

// One spelling for the names that guests and hosts give to the same thing; nothing where Nova knows no such name.
Expected<std::string> canonical_architecture(std::string_view name);

}  // namespace kilonova::scheduler::nova
