#include "store/postgres_table.h"

namespace kilonova {

std::string set_columns(const std::vector<std::string>& columns, size_t first, std::string_view source) {
  std::string list;
  for (size_t i = first; i < columns.size(); ++i)
    list += fmt::format("{0}\"{1}\" = {2}.\"{1}\"", list.empty() ? "" : ", ", columns[i], source);
  return list;
}

std::string upsert_sql(std::string_view table, const std::vector<std::string>& columns,
                       const std::vector<PostgresType>& types, std::string_view key) {
  const size_t keys = key.find(',') == std::string_view::npos ? 1 : 2;
  return fmt::format("INSERT INTO {} SELECT * FROM unnest({}) ON CONFLICT ({}) DO UPDATE SET {}", table,
                     array_parameters(types), key, set_columns(columns, keys, "EXCLUDED"));
}

std::string erase_sql(std::string_view table, std::string_view key, const std::vector<PostgresType>& types) {
  return fmt::format("DELETE FROM {} WHERE ({}) IN (SELECT * FROM unnest({}))", table, key, array_parameters(types));
}

Expected<> check_columns(const PostgresConnection& connection, const PostgresCatalog& catalog, std::string_view table,
                         size_t fields) {
  auto found = catalog.find(table);
  const size_t columns = found == catalog.end() ? 0 : found->second.size();
  if (columns == fields) return {};
  return fail(ErrorCode::kDataLoss, fmt::format("{}: table {} has {} columns, not {}: somebody else changed it",
                                                connection.where(), table, columns, fields));
}

std::unexpected<Error> unreadable_row(const PostgresConnection& connection, std::string_view what, size_t row,
                                      const Error& why) {
  return fail(ErrorCode::kDataLoss, fmt::format("{}: {}, row {}: {}", connection.where(), what, row, why.message));
}

}  // namespace kilonova
