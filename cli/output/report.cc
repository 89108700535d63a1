#include "cli/output/report.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/output/exit_codes.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

// fmt::print throws when standard error is on a full disk.
void say(const std::string& line) {
  (void)std::fputs(line.c_str(), stderr);
  (void)std::fflush(stderr);
}

std::string line_of(const OutputStyle& style, const std::string& code, int exit_code, const std::string& message,
                    const std::string& hint) {
  if (!style.is_document())
    return fmt::format("kilonova: {}{}{}\n", one_line(message),
                       hint.empty()                                       ? ""
                       : message.ends_with('?') || message.ends_with('.') ? " "
                                                                          : "; ",
                       one_line(hint));
  nlohmann::ordered_json object{{"code", code}, {"message", message}, {"exit_code", exit_code}};
  if (!hint.empty()) object["hint"] = hint;
  nlohmann::ordered_json json{{"error", std::move(object)}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string error_line(const OutputStyle& style, const Error& error, const std::string& hint) {
  return line_of(style, error_name(error.code), exit_code_of(error.code), error.message, hint);
}

void report_bad_result(const OutputStyle& style, const std::string& message, const std::string& hint) {
  say(line_of(style, "bad_result", kBadResult, message, hint));
}

void report_error(const OutputStyle& style, const Error& error, const std::string& hint) {
  say(error_line(style, error, hint));
}

void report_note(const OutputStyle& style, const std::string& text) {
  if (style.is_text()) say(fmt::format("kilonova: {}\n", one_line(text)));
}

}  // namespace kilonova::cli
