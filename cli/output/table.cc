#include "cli/output/table.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/check.h"
#include "cli/output/color.h"
#include "cli/output/text.h"

namespace kilonova::cli {
namespace {

constexpr size_t kGap = 2;
constexpr size_t kShortId = 9;        // eight characters and "…"
constexpr size_t kComfortable = 16;   // a cell that is cut to so much can still be told from others
constexpr size_t kDefaultWidth = 80;  // of a terminal that does not say

// Of the columns that are there, with the gaps.
size_t total_of(const std::vector<size_t>& widths) {
  size_t total = 0, columns = 0;
  for (size_t width : widths) {
    total += width;
    columns += width > 0 ? 1 : 0;
  }
  return columns == 0 ? 0 : total + kGap * (columns - 1);
}

// COLUMNS, as many programs read it; 0 = says nothing.
size_t columns_variable() {
  const char* text = std::getenv("COLUMNS");
  auto columns = text != nullptr ? parse_integer(text) : std::nullopt;
  return columns && *columns > 0 && *columns < 10'000 ? static_cast<size_t>(*columns) : 0;
}

}  // namespace

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add_row(std::vector<std::string> cells) {
  KN_CHECK(cells.size() == columns_.size(), "a row has as many cells as the table has columns");
  for (std::string& cell : cells) cell = one_line(cell);
  rows_.push_back(std::move(cells));
}

void Table::leave_out(Layout& layout, size_t width) const {
  // A wide cell may be cut, but not so far that it says nothing, before another column goes.
  std::vector<size_t> least;
  for (size_t i = 0; i < columns_.size(); ++i)
    least.push_back(std::min(layout.widths[i], std::max(kComfortable, display_width(columns_[i].title))));
  while (total_of(least) > width) {
    size_t victim = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      bool may_go = least[i] > 0 && columns_[i].rank > 0;
      if (may_go && (victim == columns_.size() || columns_[i].rank >= columns_[victim].rank)) victim = i;
    }
    if (victim == columns_.size()) return;
    least[victim] = layout.widths[victim] = 0;
  }
}

Table::Layout Table::layout(size_t width) const {
  Layout layout;
  for (size_t i = 0; i < columns_.size(); ++i) {
    size_t widest = display_width(columns_[i].title);
    for (const auto& row : rows_) widest = std::max(widest, display_width(row[i]));
    layout.widths.push_back(widest);
  }
  if (width == 0) return layout;
  for (size_t i = 0; i < columns_.size() && total_of(layout.widths) > width; ++i)
    if (columns_[i].kind == CellKind::kId)
      layout.widths[i] = std::min(layout.widths[i], std::max(kShortId, display_width(columns_[i].title)));
  leave_out(layout, width);
  for (size_t total = total_of(layout.widths); total > width; --total) {
    size_t widest = columns_.size();
    for (size_t i = 0; i < columns_.size(); ++i) {
      bool may_be_cut = layout.widths[i] > std::max<size_t>(display_width(columns_[i].title), 4);
      if (may_be_cut && (widest == columns_.size() || layout.widths[i] > layout.widths[widest])) widest = i;
    }
    if (widest == columns_.size()) break;
    --layout.widths[widest];
  }
  for (size_t i = 0; i < columns_.size(); ++i)
    if (layout.widths[i] == 0) layout.left_out.push_back(columns_[i].title);
  return layout;
}

void Table::append_row(std::string& out, const std::vector<std::string>& cells, const Layout& layout, bool is_title,
                       bool color) const {
  std::string line;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (layout.widths[i] == 0) continue;
    std::string cell = cut_to_width(cells[i], layout.widths[i]);
    std::string padding(layout.widths[i] - display_width(cell), ' ');
    Tone tone = is_title                                ? Tone::kTitle
                : columns_[i].kind == CellKind::kStatus ? tone_of_status(cells[i])
                                                        : Tone::kPlain;
    cell = painted(cell, tone, color);
    if (!line.empty()) line.append(kGap, ' ');
    line += columns_[i].align == Align::kRight ? padding + cell : cell + padding;
  }
  while (line.ends_with(' ')) line.pop_back();
  out += line;
  out += '\n';
}

std::string Table::render(size_t width, bool color) const {
  Layout layout = this->layout(width);
  std::vector<std::string> titles;
  for (const Column& column : columns_) titles.push_back(column.title);
  std::string out;
  append_row(out, titles, layout, true, color);
  for (const auto& row : rows_) append_row(out, row, layout, false, color);
  if (layout.left_out.empty()) return out;
  std::string note = "left out:";
  for (const std::string& title : layout.left_out) note += (note.ends_with(':') ? " " : ", ") + title;
  for (const std::string& line : wrapped("(" + note + "; --no-trunc shows all)", width))
    out += painted(line, Tone::kDim, color) + "\n";
  return out;
}

std::string render_fields(const std::vector<std::pair<std::string, std::string>>& fields, size_t width, bool color) {
  size_t names = 0;
  for (const auto& [name, value] : fields) names = std::max(names, display_width(name));
  size_t indent = names + kGap;
  bool wraps = width > indent + kComfortable;
  std::string out;
  for (const auto& [name, value] : fields) {
    std::string text = one_line(value);
    Tone tone = name == "status" || name == "state" ? tone_of_status(text) : Tone::kPlain;
    std::string line = painted(name, Tone::kTitle, color) + std::string(indent - display_width(name), ' ');
    std::vector<std::string> lines = wraps ? wrapped(text, width - indent) : std::vector<std::string>{text};
    for (const std::string& part : lines) {
      line += painted(part, tone, color);
      while (line.ends_with(' ')) line.pop_back();
      out += line + "\n";
      line = std::string(indent, ' ');
    }
  }
  return out;
}

size_t output_width() {
  if (isatty(STDOUT_FILENO) != 1) return 0;
  if (size_t columns = columns_variable(); columns > 0) return columns;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kDefaultWidth;
  return size.ws_col;
}

size_t page_width() {
  if (size_t width = output_width(); width > 0) return width;
  size_t columns = columns_variable();
  return columns > 0 ? columns : kDefaultWidth;
}

}  // namespace kilonova::cli
