// Tables of text: what every list and show command prints when no other format was asked for.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kilonova::cli {

enum class Align { kLeft, kRight };
enum class CellKind {
  kText,
  kId,      // a uuid: in a narrow table its first eight characters tell it well enough
  kStatus,  // coloured by what it says
};

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
    int rank = 0;  // of two columns for which there is no room the one with the higher rank is left out; 0 = never
    CellKind kind = CellKind::kText;
  };

  explicit Table(std::vector<Column> columns);

  // As many cells as columns. Controls in them become harmless.
  void add_row(std::vector<std::string> cells);
  size_t rows() const { return rows_.size(); }

  // Lines with a newline each, titles first. With a `width` above 0, what is too wide loses in this order: ids are
  // shortened; columns are left out by rank, and a last line names them; the widest cells are cut with "…", but no
  // title is. 0 = as wide as the cells are.
  std::string render(size_t width, bool color = false) const;

 private:
  struct Layout {
    std::vector<size_t> widths;  // by column; of one that is left out 0
    std::vector<std::string> left_out;
  };

  Layout layout(size_t width) const;
  void leave_out(Layout& layout, size_t width) const;
  void append_row(std::string& out, const std::vector<std::string>& cells, const Layout& layout, bool is_title,
                  bool color) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// What a show command prints: a name and a value a line. A value that is wider than what is left of `width` goes on
// below.
std::string render_fields(const std::vector<std::pair<std::string, std::string>>& fields, size_t width,
                          bool color = false);

// Columns of the terminal on standard output (COLUMNS counts more); 0 when it is none, so that pipes and files get
// everything.
size_t output_width();
// The same, but 80 where there is no terminal.
size_t page_width();

}  // namespace kilonova::cli
