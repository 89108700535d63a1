// The one place where what a list or show command found becomes text, JSON, YAML, CSV or bare values.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "cli/output/print.h"
#include "cli/output/style.h"
#include "cli/output/table.h"

namespace kilonova::cli {

// What a list command found: rows of cells for people, and each row's whole object for programs. The first column is what
// --quiet prints.
class Records {
 public:
  struct Column {
    std::string title;  // "RAM MiB"
    std::string key;    // of the object: "memory_mb"; "" = it has none, and the cell stands for it
    Align align = Align::kLeft;
    int rank = 0;  // Table::Column
    CellKind kind = CellKind::kText;
  };

  explicit Records(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // As many cells as columns.
  void add(std::vector<std::string> cells, Json object);

  // Everything as the style says. -c and --sort-column take a title or a key, whatever its case, or any other key of
  // the objects. kInvalidArgument names a column that there is not, and those that there are; nothing else goes wrong.
  Expected<std::string> render(const OutputStyle& style) const;

 private:
  struct Row {
    std::vector<std::string> cells;
    Json object;
  };
  // One column as it is printed: of the table's, or a key of the objects alone.
  struct Chosen {
    Column column;
    size_t index = 0;  // npos = of the objects alone
  };

  Expected<Chosen> find(const std::string& name) const;
  Expected<std::vector<Chosen>> chosen(const OutputStyle& style) const;
  Expected<std::vector<const Row*>> sorted(const OutputStyle& style) const;
  static std::string cell(const Row& row, const Chosen& chosen);

  std::vector<Column> columns_;
  std::vector<Row> rows_;
};

using FieldTexts = std::vector<std::pair<std::string, std::string>>;

// What a show command found: names and values for people, the whole object for programs. The first field is what
// --quiet prints. Errors are those of Records::render.
Expected<std::string> render_record(const OutputStyle& style, const FieldTexts& fields, const Json& object);

// The same on standard output; the exit code 0, or the error.
Expected<int> print_records(const OutputStyle& style, const Records& records);
Expected<int> print_record(const OutputStyle& style, const FieldTexts& fields, const Json& object);

// For commands that print text of their own under Format::kTable: the object in any other format.
Expected<int> print_object(const OutputStyle& style, const Json& object);

// On one line, with a newline: of many objects one each.
std::string json_line(const Json& json);

// Cells as a line of CSV, or of bare values.
std::string row_line(const OutputStyle& style, const std::vector<std::string>& cells);

// RFC 4180: quoted where a comma, a quote or a line end makes it necessary.
std::string csv_field(const std::string& text);

}  // namespace kilonova::cli
