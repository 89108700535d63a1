#include "store/version_1_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace kilonova {
namespace {

// Copies fields from the old text to the new one as they stand, and puts the number of a struct's fields before them.
class Reframer {
 public:
  explicit Reframer(std::string_view text) : rest_(text) {}

  // The next field, copied; without its tab. Empty, and failed, where there is none.
  std::string_view copy() {
    size_t end = failed_ ? std::string_view::npos : rest_.find('\t');
    if (end == std::string_view::npos) {
      failed_ = true;
      return {};
    }
    std::string_view field = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    text_.append(field);
    text_ += '\t';
    return field;
  }
  void copy(int fields) {
    for (; fields > 0; --fields) copy();
  }
  uint32_t copy_number() {
    std::string_view field = copy();
    uint32_t number = 0;
    auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (status != std::errc() || end != field.data() + field.size()) failed_ = true;
    return failed_ ? 0 : number;
  }
  template <class Element>
  void copy_list(Element element) {
    uint32_t length = copy_number();
    for (uint32_t i = 0; i < length && !failed_; ++i) element();
  }
  void copy_texts() {
    copy_list([this] { copy(); });
  }
  void frame(int fields) { text_ += fmt::format("{}\t", fields); }

  void fail_here() { failed_ = true; }
  bool at_end() const { return failed_ || rest_.empty(); }
  Expected<std::string> finish() {
    if (failed_ || !rest_.empty())
      return fail(
          ErrorCode::kDataLoss,
          fmt::format("is no text of version 1: it does not read from {} bytes before its end on", rest_.size()));
    return std::move(text_);
  }

 private:
  std::string_view rest_;
  std::string text_;
  bool failed_ = false;
};

void copy_request_spec(Reframer& text) {
  text.frame(9);
  text.copy(2);   // project, user
  text.frame(8);  // flavor
  text.copy(8);
  text.frame(3);  // image
  text.copy(3);
  text.copy_texts();  // networks
  text.copy(3);       // key, zone, forced host
  text.copy_texts();  // security groups
}

void copy_addresses(Reframer& text) {
  text.copy_list([&] {
    text.frame(10);
    text.copy(10);
  });
}

void copy_decision(Reframer& text) {
  text.frame(11);
  text.copy(5);         // epoch, attempt, scheduler, driver, hosts in all
  text.copy_list([&] {  // filters
    text.frame(2);
    text.copy(2);
  });
  text.copy_list([&] {  // weighed hosts
    text.frame(3);
    text.copy(2);         // host, weight
    text.copy_list([&] {  // scores
      text.frame(3);
      text.copy(3);
    });
  });
  text.copy();        // chosen
  text.copy_texts();  // alternates
  text.copy(2);       // from alternates, reason
}

// A step: its number, which of five fields are written, start, duration, and those.
void copy_step(Reframer& text) {
  text.copy();
  uint32_t written = text.copy_number();
  text.copy(2);
  for (uint32_t bit = 1; bit <= 16; bit *= 2)
    if (written & bit) text.copy();
}

}  // namespace

Expected<std::string> request_spec_of_version_1(std::string_view text) {
  Reframer reframer(text);
  copy_request_spec(reframer);
  return reframer.finish();
}

Expected<std::string> addresses_of_version_1(std::string_view text) {
  if (text.empty()) return std::string();
  Reframer reframer(text);
  copy_addresses(reframer);
  return reframer.finish();
}

Expected<std::string> launch_record_of_version_1(std::string_view text) {
  Reframer reframer(text);
  while (!reframer.at_end()) {
    std::string_view kind = reframer.copy();
    if (kind == "s") {
      copy_step(reframer);
    } else if (kind == "d") {
      copy_decision(reframer);
    } else if (kind != "0") {
      reframer.fail_here();
    }
  }
  return reframer.finish();
}

Expected<std::string> guest_change_of_version_1(std::string_view text) {
  Reframer reframer(text);
  std::string_view kind = reframer.copy();
  if (kind == "put") {
    reframer.frame(9);
    reframer.copy(9);
  } else if (kind == "erase") {
    reframer.copy(2);
  } else {
    reframer.fail_here();
  }
  return reframer.finish();
}

}  // namespace kilonova
