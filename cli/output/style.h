// How the user wants to see what a command prints: the options that every command has.
#pragma once

#include <string>
#include <vector>

#include "cli/output/color.h"

namespace kilonova::cli {

enum class Format { kTable, kJson, kYaml, kCsv, kValue };

struct OutputStyle {
  Format format = Format::kTable;
  std::vector<std::string> columns = {};       // only these, in this order; none = all
  std::vector<std::string> sort_columns = {};  // lists; the first counts most
  bool sort_descending = false;
  bool quiet = false;      // ids only; no progress, no hints
  bool no_trunc = false;   // cut nothing, leave nothing out
  bool fit_width = false;  // as on a terminal of COLUMNS (80) columns, wherever it goes
  ColorWhen color = ColorWhen::kAuto;

  // A whole document is asked for: nothing else may stand on standard output, and errors are objects.
  bool is_document() const { return format == Format::kJson || format == Format::kYaml; }
  // Text for people, not ids alone.
  bool is_text() const { return format == Format::kTable && !quiet; }
  // Of tables; 0 = as wide as they are.
  size_t width() const;
  // On standard output.
  bool colored() const;
};

}  // namespace kilonova::cli
