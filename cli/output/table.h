// Tables of text: what every list and show command prints when --json was not asked for.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace kilonova::cli {

enum class Align { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns);

  // As many cells as columns. Controls in them become harmless.
  void add_row(std::vector<std::string> cells);
  size_t rows() const { return rows_.size(); }

  // Lines with a newline each, titles first. With a `width` above 0 no line is wider: the widest columns are cut with "…"
  // first, none below four columns. 0 = as wide as the cells are.
  std::string render(size_t width) const;

 private:
  std::vector<size_t> column_widths(size_t width) const;
  void append_row(std::string& out, const std::vector<std::string>& cells, const std::vector<size_t>& widths) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// What a show command prints: a name and a value a line.
std::string render_fields(const std::vector<std::pair<std::string, std::string>>& fields, size_t width);

// Columns of the terminal on standard output; 0 when it is none, so that pipes and files get everything.
size_t output_width();

}  // namespace kilonova::cli
