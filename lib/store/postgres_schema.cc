#include "store/postgres_schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "store/postgres_columns.h"

namespace kilonova {
namespace {

constexpr auto kWords = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"INTEGER", "bigint"},
    {"TEXT", "bytea"},
    {"BLOB", "uuid"},
    {"REAL", "double precision"},
    {"STRICT", ""},
    {", WITHOUT ROWID", ""},
    {"x'", "'"},  // the bytes of a uuid
});

bool continues_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// `word` stands at `at`, and is not a part of a longer one.
bool stands_at(std::string_view text, size_t at, std::string_view word) {
  if (text.substr(at, word.size()) != word) return false;
  const size_t end = at + word.size();
  if (continues_word(word.front()) && at > 0 && continues_word(text[at - 1])) return false;
  return !continues_word(word.back()) || end == text.size() || !continues_word(text[end]);
}

struct Form {
  int64_t has_schema = 0;
  int64_t is_ours = 0;
  int64_t version = 0;
  std::string cell;
};

Expected<Form> read_form(PostgresConnection& connection, std::string_view name) {
  Form form;
  auto take = [&](PostgresRow& row) {
    row(form.has_schema, form.is_ours);
    return row.finish();
  };
  auto read = connection.query(
      fmt::format(
          "SELECT count(*), (to_regclass('{0}.schema_version') IS NOT NULL AND to_regclass('{0}.cell_lease') IS "
          "NOT NULL)::int::bigint FROM pg_namespace WHERE nspname = '{0}'",
          name),
      {}, take);
  if (!read) return std::unexpected(read.error());
  if (form.is_ours == 0) return form;
  read = connection.query(
      fmt::format("SELECT version, convert_to(cell, 'UTF8') FROM {0}.schema_version, {0}.cell_lease", name), {},
      [&](PostgresRow& row) {
        row(form.version, form.cell);
        return row.finish();
      });
  if (!read) return std::unexpected(read.error());
  return form;
}

Expected<> check_form(const PostgresConnection& connection, const Form& form, const Schema& schema,
                      std::string_view name, const std::string& cell) {
  if (form.has_schema == 0) return {};
  if (form.is_ours == 0)
    return fail(ErrorCode::kDataLoss, fmt::format("{}: has a schema {} that is not {}: use a database of its own",
                                                  connection.where(), name, schema.kind));
  const auto newest = static_cast<int64_t>(schema.steps.size());
  if (form.version > newest)
    return fail(ErrorCode::kConflict,
                fmt::format("{}: {} has schema version {}; this kilonova knows up to version {}: use a newer one",
                            connection.where(), name, form.version, newest));
  if (form.cell != cell)
    return fail(
        ErrorCode::kConflict,
        fmt::format("{}: {} is of cell {}, not of {}: a cell has a database of its own; name that one in --store, "
                    "or this cell in --cell",
                    connection.where(), name, form.cell, cell));
  return {};
}

// The holder of an empty lease is nobody, and its generation 0: whoever opens the store takes it over.
std::string first_tables(std::string_view name) {
  return fmt::format(
      "CREATE SCHEMA {0};"
      "CREATE TABLE {0}.schema_version (version bigint NOT NULL);"
      "INSERT INTO {0}.schema_version VALUES (0);"
      "CREATE TABLE {0}.cell_lease (cell text PRIMARY KEY, generation bigint NOT NULL, holder text NOT NULL, "
      "address text NOT NULL, beat timestamptz NOT NULL, revision bigint NOT NULL) WITH (fillfactor = 10);",
      name);
}

Expected<> migrate(PostgresConnection& connection, const Schema& schema, std::string_view name,
                   const std::string& cell) {
  auto form = read_form(connection, name);
  if (!form) return std::unexpected(form.error());
  if (auto known = check_form(connection, *form, schema, name, cell); !known) return known;
  Expected<> done;
  if (form->has_schema == 0) {
    done = connection.execute(first_tables(name));
    const std::string parameters[] = {cell};
    auto nothing = [](PostgresRow&) { return Expected<>(); };
    if (done)
      done = connection.query(fmt::format("INSERT INTO {}.cell_lease VALUES ($1::text, 0, '', '', now(), 0)", name),
                              parameters, nothing);
  }
  if (done) done = enter_postgres_schema(connection, name);
  for (const SchemaStep& step : schema.steps.subspan(static_cast<size_t>(form->version)))
    if (done) done = connection.execute(in_postgres_words(step.sql));
  if (done) done = connection.execute(fmt::format("UPDATE schema_version SET version = {}", schema.steps.size()));
  return done;
}

}  // namespace

std::string in_postgres_words(std::string_view sqlite) {
  std::string text;
  for (size_t at = 0; at < sqlite.size();) {
    auto word = std::ranges::find_if(kWords, [&](const auto& pair) { return stands_at(sqlite, at, pair.first); });
    if (word == kWords.end()) {
      text += sqlite[at++];
    } else {
      text += word->second;
      at += word->first.size();
    }
  }
  return text;
}

Expected<> prepare_postgres_schema(PostgresConnection& connection, const Schema& schema, std::string_view name,
                                   const std::string& cell) {
  // Two that begin at once make the tables once.
  auto done = connection.execute(fmt::format("BEGIN; SELECT pg_advisory_xact_lock({})", schema.application_id));
  if (done) done = migrate(connection, schema, name, cell);
  if (done) done = connection.execute("COMMIT");
  if (done) return {};
  if (connection.sqlstate() == "42501") done.error().code = ErrorCode::kConflict;
  if (!connection.is_lost()) (void)connection.execute("ROLLBACK");
  return done;
}

Expected<> enter_postgres_schema(PostgresConnection& connection, std::string_view name) {
  return connection.execute(fmt::format("SET search_path TO {}", name));
}

Expected<PostgresCatalog> read_catalog(PostgresConnection& connection, std::string_view name) {
  PostgresCatalog catalog;
  auto read = connection.query(
      fmt::format("SELECT convert_to(relname, 'UTF8'), convert_to(attname, 'UTF8') FROM pg_attribute "
                  "JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = '{}'::regnamespace AND relkind = 'r' "
                  "AND attnum > 0 AND NOT attisdropped ORDER BY relname, attnum",
                  name),
      {}, [&](PostgresRow& row) {
        std::string table, column;
        row(table, column);
        catalog[table].push_back(column);
        return row.finish();
      });
  if (!read) return std::unexpected(read.error());
  return catalog;
}

}  // namespace kilonova
