#include "compute-node/csv.h"

#include <fmt/format.h>

#include <utility>

namespace kilonova::compute {
namespace {

class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view file_name) : text_(text), file_name_(file_name) {}

  Expected<std::vector<CsvRow>> read() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    if (size_t cr = text_.find('\r'); cr < text_.size() - 1 && text_.find('\n') == std::string_view::npos)
      return wrong(1, "its lines end with CR alone; they must end with LF or CR LF: tr '\\r' '\\n'");
    std::vector<CsvRow> rows;
    while (position_ < text_.size()) {
      if (at_line_end()) {
        skip_line_end();
        continue;
      }
      CsvRow row{.line = line_, .fields = {}};
      if (auto done = read_row(row); !done) return std::unexpected(done.error());
      rows.push_back(std::move(row));
    }
    return rows;
  }

 private:
  bool at_end() const { return position_ >= text_.size(); }
  bool at_line_end() const {
    return at_end() || text_[position_] == '\n' || text_.substr(position_, 2) == "\r\n" ||
           (text_[position_] == '\r' && position_ + 1 == text_.size());
  }
  void skip_line_end() {
    if (!at_end() && text_[position_] == '\r') ++position_;
    if (!at_end()) ++position_;
    ++line_;
  }

  Expected<> read_row(CsvRow& row) {
    for (;;) {
      std::string field;
      bool quoted = !at_end() && text_[position_] == '"';
      if (auto done = quoted ? read_quoted(field) : read_plain(field); !done) return done;
      row.fields.push_back(std::move(field));
      if (at_line_end()) break;
      ++position_;  // the comma
    }
    skip_line_end();
    return {};
  }

  Expected<> read_plain(std::string& field) {
    for (; !at_line_end() && text_[position_] != ','; ++position_) {
      if (text_[position_] == '"') return wrong(line_, "a quote inside an unquoted field");
      field += text_[position_];
    }
    return {};
  }

  Expected<> read_quoted(std::string& field) {
    size_t begin = line_;
    for (++position_; !at_end(); ++position_) {
      char c = text_[position_];
      if (c != '"') {
        if (c == '\n') ++line_;
        field += c;
      } else if (text_.substr(position_, 2) == "\"\"") {
        field += c;
        ++position_;
      } else {
        ++position_;
        if (at_line_end() || text_[position_] == ',') return {};
        return wrong(line_, "text after a closing quote");
      }
    }
    return wrong(begin, "a quote that is not closed");
  }

  std::unexpected<Error> wrong(size_t line, std::string_view why) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_name_, line, why));
  }

  std::string_view text_;
  std::string_view file_name_;
  size_t position_ = 0;
  size_t line_ = 1;
};

}  // namespace

Expected<std::vector<CsvRow>> parse_csv(std::string_view text, std::string_view file_name) {
  return CsvReader(text, file_name).read();
}

}  // namespace kilonova::compute
