#include "cli/output/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kLeastWidth = 4;
constexpr size_t kDefaultWidth = 80;  // of a terminal that does not say

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<std::string> cells) {
  KN_CHECK(cells.size() == columns_.size(), "a row has as many cells as the table has columns");
  for (std::string& cell : cells) cell = one_line(cell);
  rows_.push_back(std::move(cells));
}

std::vector<size_t> Table::column_widths(size_t width) const {
  std::vector<size_t> widths;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t widest = display_width(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[i]));
    widths.push_back(widest);
  }
  if (width == 0 || widths.empty()) return widths;
  size_t total = kGap * (widths.size() - 1);
  for (size_t one : widths) total += one;
  for (; total > width; --total) {
    auto widest = std::ranges::max_element(widths);
    if (*widest <= kLeastWidth) break;
    --*widest;
  }
  return widths;
}

void Table::append_row(std::string& out, const std::vector<std::string>& cells,
                       const std::vector<size_t>& widths) const {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    std::string cell = cut_to_width(cells[i], widths[i]);
    std::string padding(widths[i] - display_width(cell), ' ');
    if (i > 0) line.append(kGap, ' ');
    line += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
  }
  while (line.ends_with(' ')) line.pop_back();
  out += line;
  out += '\n';
}

std::string Table::render(size_t width) const {
  std::vector<size_t> widths = column_widths(width);
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string out;
  append_row(out, titles, widths);
  for (const auto& row : rows_) append_row(out, row, widths);
  return out;
}

std::string render_fields(const std::vector<std::pair<std::string, std::string>>& fields, size_t width) {
  size_t names = 0;
  for (const auto& [name, value] : fields) names = std::max(names, display_width(name));
  std::string out;
  for (const auto& [name, value] : fields) {
    std::string line = name + std::string(names - display_width(name) + kGap, ' ');
    std::string text = one_line(value);
    line += width > names + kGap + kLeastWidth ? cut_to_width(text, width - names - kGap) : text;
    out += line;
    out += '\n';
  }
  return out;
}

size_t output_width() {
  if (!isatty(STDOUT_FILENO)) return 0;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

}  // namespace kilonova::cli
