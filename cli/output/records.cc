#include "cli/output/records.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/ascii.h"
#include "base/check.h"
#include "cli/output/text.h"
#include "cli/output/yaml.h"

namespace kilonova::cli {
namespace {

constexpr size_t kNone = std::string::npos;

// "RAM MiB", "ram_mib" and "Ram-MiB" are one name.
std::string folded(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == ' ' || c == '-') c = '_';
    out += to_lower(c);
  }
  return out;
}

// A field of an object as a cell: texts as they are, null as nothing, all else as JSON on a line.
std::string text_of(const Json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<double> number_of(const std::string& text) {
  double number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

int compare(const std::string& a, const std::string& b) {
  auto x = number_of(a), y = number_of(b);
  if (x && y) return *x < *y ? -1 : *x > *y ? 1 : 0;
  return a.compare(b);
}

std::string json_text(const Json& json) { return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string document(const OutputStyle& style, const Json& json) {
  return style.format == Format::kYaml ? to_yaml(json) : json_text(json);
}

std::string joined(const std::vector<std::string>& cells, Format format) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += format == Format::kCsv ? "," : " ";
    line += format == Format::kCsv ? csv_field(cells[i]) : one_line(cells[i]);
  }
  return line + "\n";
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string row_line(const OutputStyle& style, const std::vector<std::string>& cells) {
  return joined(cells, style.format);
}

std::string json_line(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"; }

size_t OutputStyle::width() const { return no_trunc ? 0 : fit_width ? page_width() : output_width(); }

bool OutputStyle::colored() const { return use_color(color, STDOUT_FILENO); }

void Records::add(std::vector<std::string> cells, Json object) {
  KN_CHECK(cells.size() == columns_.size(), "a record has as many cells as there are columns");
  rows_.push_back({std::move(cells), std::move(object)});
}

Expected<Records::Chosen> Records::find(const std::string& name) const {
  std::string wanted = folded(name);
  for (size_t i = 0; i < columns_.size(); ++i)
    if (folded(columns_[i].title) == wanted || columns_[i].key == wanted) return Chosen{columns_[i], i};
  std::string names;
  for (const Column& column : columns_) names += (names.empty() ? "" : ", ") + column.title;
  if (!rows_.empty()) {
    for (const auto& [key, value] : rows_.front().object.items()) {
      if (key == wanted) return Chosen{{.title = key, .key = key}, kNone};
      bool shown =
          std::ranges::any_of(columns_, [&](const Column& c) { return c.key == key || folded(c.title) == key; });
      if (!shown) names += ", " + key;
    }
  }
  return fail(ErrorCode::kInvalidArgument, "there is no column '" + one_line(name) + "': there are " + names);
}

Expected<std::vector<Records::Chosen>> Records::chosen(const OutputStyle& style) const {
  std::vector<Chosen> all;
  if (style.columns.empty()) {
    for (size_t i = 0; i < columns_.size(); ++i) all.push_back({columns_[i], i});
    return all;
  }
  for (const std::string& name : style.columns) {
    auto one = find(name);
    if (!one) return std::unexpected(one.error());
    all.push_back(std::move(*one));
    all.back().column.rank = 0;  // asked for
  }
  return all;
}

std::string Records::cell(const Row& row, const Chosen& chosen) {
  if (chosen.index != kNone) return row.cells[chosen.index];
  auto found = row.object.find(chosen.column.key);
  return found == row.object.end() ? std::string() : text_of(*found);
}

Expected<std::vector<const Records::Row*>> Records::sorted(const OutputStyle& style) const {
  std::vector<Chosen> keys;
  for (const std::string& name : style.sort_columns) {
    auto one = find(name);
    if (!one) return std::unexpected(one.error());
    keys.push_back(std::move(*one));
  }
  std::vector<const Row*> rows;
  for (const Row& row : rows_) rows.push_back(&row);
  std::ranges::sort(rows, [&](const Row* a, const Row* b) {
    for (const Chosen& key : keys)
      if (int order = compare(cell(*a, key), cell(*b, key)); order != 0)
        return style.sort_descending ? order > 0 : order < 0;
    return a < b;  // both of rows_: as they came
  });
  return rows;
}

Expected<std::string> Records::render(const OutputStyle& style) const {
  auto columns = chosen(style);
  if (!columns) return std::unexpected(columns.error());
  auto rows = sorted(style);
  if (!rows) return std::unexpected(rows.error());
  auto cells_of = [&](const Row& row) {
    std::vector<std::string> cells;
    for (const Chosen& one : *columns) cells.push_back(cell(row, one));
    return cells;
  };
  std::string out;
  if (style.is_document()) {
    Json all = Json::array();
    for (const Row* row : *rows) {
      Json object = style.columns.empty() ? row->object : Json::object();
      if (!style.columns.empty())
        for (const Chosen& one : *columns) {
          auto found = row->object.find(one.column.key);
          object[one.column.key.empty() ? folded(one.column.title) : one.column.key] =
              found == row->object.end() ? Json(cell(*row, one)) : *found;
        }
      all.push_back(std::move(object));
    }
    return document(style, all);
  }
  if (style.quiet) {
    for (const Row* row : *rows)
      out += one_line(style.columns.empty() ? row->cells.front() : cells_of(*row).front()) + "\n";
    return out;
  }
  if (style.format == Format::kTable) {
    std::vector<Table::Column> titles;
    for (const Chosen& one : *columns)
      titles.push_back({one.column.title, one.column.align, one.column.rank, one.column.kind});
    Table table(std::move(titles));
    for (const Row* row : *rows) table.add_row(cells_of(*row));
    return table.render(style.width(), style.colored());
  }
  if (style.format == Format::kCsv) {
    std::vector<std::string> titles;
    for (const Chosen& one : *columns) titles.push_back(one.column.title);
    out = joined(titles, style.format);
  }
  for (const Row* row : *rows) out += joined(cells_of(*row), style.format);
  return out;
}

namespace {

// The fields that -c names: those for people, or keys of the object.
Expected<FieldTexts> chosen_fields(const OutputStyle& style, const FieldTexts& fields, const Json& object) {
  if (style.columns.empty()) return fields;
  FieldTexts chosen;
  for (const std::string& name : style.columns) {
    auto shown = std::ranges::find_if(fields, [&](const auto& field) { return folded(field.first) == folded(name); });
    if (shown != fields.end()) {
      chosen.push_back(*shown);
    } else if (auto found = object.find(folded(name)); found != object.end()) {
      chosen.emplace_back(folded(name), text_of(*found));
    } else {
      std::string names;
      for (const auto& [key, value] : object.items()) names += (names.empty() ? "" : ", ") + key;
      return fail(ErrorCode::kInvalidArgument, "there is no column '" + one_line(name) + "': there are " + names);
    }
  }
  return chosen;
}

}  // namespace

Expected<std::string> render_record(const OutputStyle& style, const FieldTexts& fields, const Json& object) {
  auto chosen = chosen_fields(style, fields, object);
  if (!chosen) return std::unexpected(chosen.error());
  if (style.is_document()) {
    if (style.columns.empty()) return document(style, object);
    Json part = Json::object();
    for (const auto& [name, text] : *chosen) {
      auto found = object.find(folded(name));
      part[folded(name)] = found == object.end() ? Json(text) : *found;
    }
    return document(style, part);
  }
  if (style.quiet) return chosen->empty() ? std::string() : one_line(chosen->front().second) + "\n";
  if (style.format == Format::kTable) return render_fields(*chosen, style.width(), style.colored());
  std::string out;
  if (style.format == Format::kValue) {
    for (const auto& [name, text] : *chosen) out += one_line(text) + "\n";
    return out;
  }
  std::vector<std::string> names, values;
  for (const auto& [name, text] : *chosen) {
    names.push_back(name);
    values.push_back(text);
  }
  return joined(names, style.format) + joined(values, style.format);
}

Expected<int> print_records(const OutputStyle& style, const Records& records) {
  Expected<std::string> text = records.render(style);
  if (!text) return std::unexpected(text.error());
  print_text(*text);
  return 0;
}

Expected<int> print_record(const OutputStyle& style, const FieldTexts& fields, const Json& object) {
  Expected<std::string> text = render_record(style, fields, object);
  if (!text) return std::unexpected(text.error());
  print_text(*text);
  return 0;
}

Expected<int> print_object(const OutputStyle& style, const Json& object) {
  FieldTexts fields;
  for (const auto& [key, value] : object.items()) fields.emplace_back(key, text_of(value));
  return print_record(style, fields, object);
}

}  // namespace kilonova::cli
