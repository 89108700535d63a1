// How a requirement of a flavor's extra specs is met by a value: nova/scheduler/filters/extra_specs_ops.py.
#pragma once

#include <string_view>

#include "scheduler/core/python_object.h"

namespace kilonova::scheduler {

// True when `value` meets `required`. The first word of what is required is an operator, the second its operand:
//   = or >=, <=, ==, !=      of numbers
//   s==, s!=, s<, s<=, s>, s>=   of texts
//   <in>                     the value contains the word, anywhere in it
//   <all-in>                 it contains each of the words that follow
//   <or> a <or> b ...        it is one of them
// Words behind the operand are ignored; an operator without one is met by nothing. Without an operator, and with any
// other first word (`<`, `>`, `<range-in>`), the whole text must be equal.
// ValueError: a numeric operator on what is no number. IndexError: `<or>` alone.
PythonResult<bool> extra_specs_match(std::string_view value, std::string_view required);

}  // namespace kilonova::scheduler
