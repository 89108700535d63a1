#include "compute-node/hosts_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include "base/check.h"
#include "base/hash_map.h"
#include "compute-node/csv.h"
#include "compute-node/csv_columns.h"
#include "domain/form_rules.h"

namespace kilonova::compute {
namespace {

constexpr int64_t kMaxAmount = 1'000'000'000;

enum Field : size_t { kName, kVcpus, kRam, kDisk, kZone };
constexpr auto kFields = std::to_array<ColumnField>({{"name", false}, {"vcpus"}, {"ram"}, {"disk"}, {"zone", false}});
static_assert(kFields.size() == kZone + 1 && kFields[kName].name == "name" && kFields[kZone].name == "zone",
              "in the order of Field");

using Columns = std::array<Column, kFields.size()>;

const std::vector<std::string_view>& known_headers(Field field) {
  static const std::array<std::vector<std::string_view>, kFields.size()> kHeaders{{
      {"name"},
      {"vcpus"},
      {"ram", "ram_mib", "memory_mib", "memory_mb"},
      {"disk", "disk_gib", "disk_gb"},
      {"zone", "availability_zone"},
  }};
  return kHeaders[field];
}

class HostsParser {
 public:
  explicit HostsParser(std::string_view file_name) : file_name_(file_name) {}

  Expected<std::vector<HostInfo>> parse(std::string_view text, std::string_view columns) {
    Expected<std::vector<CsvRow>> rows = parse_csv(text, file_name_);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is empty: the first line must name the columns", file_name_));
    if (auto found = find_columns(rows->front(), columns); !found) return std::unexpected(found.error());
    if (rows->size() == 1) return wrong(rows->front().line, "there are columns but no host");
    std::vector<HostInfo> hosts;
    hosts.reserve(rows->size() - 1);
    for (size_t i = 1; i < rows->size(); ++i) {
      Expected<HostInfo> host = parse_host((*rows)[i]);
      if (!host) return std::unexpected(host.error());
      hosts.push_back(std::move(*host));
    }
    return hosts;
  }

 private:
  std::unexpected<Error> wrong(size_t line, std::string_view why) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_name_, line, why));
  }

  Expected<> find_columns(const CsvRow& header, std::string_view mapping) {
    auto position = [&](std::string_view name) -> std::optional<size_t> {
      for (size_t i = 0; i < header.fields.size(); ++i)
        if (trimmed(header.fields[i]) == name) return i;
      return std::nullopt;
    };
    if (auto mapped = map_columns(mapping, "column mapping", kFields, columns_); !mapped) return mapped;
    if (position("sn") && position("cpu_milli") && position("memory_mib")) fill_in_openb();
    for (size_t field = 0; field < columns_.size(); ++field) {
      Column& column = columns_[field];
      if (!column.header.empty()) {
        column.index = position(column.header);
        std::array<std::string_view, 1> name{column.header};
        if (!column.index)
          return wrong(header.line,
                       fmt::format("there is no column '{}'{}", column.header, why_missing(header.fields, name)));
        continue;
      }
      for (std::string_view name : known_headers(static_cast<Field>(field))) {
        if (column.index) break;
        column.index = position(name);
        column.header = name;
      }
      if (!column.index && field <= kRam) {
        const auto& names = known_headers(static_cast<Field>(field));
        std::string why = why_missing(header.fields, names);
        if (why.empty()) why = "; say which one it is, as in \"name=sn,vcpus=cpu_milli/1000,ram=memory_mib\"";
        return wrong(header.line, fmt::format("there is no column '{}'{}", fmt::join(names, "' or '"), why));
      }
    }
    return {};
  }

  // The fields that the mapping does not name.
  void fill_in_openb() {
    Columns known;
    auto mapped = map_columns("name=sn,vcpus=cpu_milli/1000,ram=memory_mib", "openb", kFields, known);
    KN_CHECK(mapped.has_value(), "the mapping is our own");
    for (size_t field = 0; field < columns_.size(); ++field)
      if (columns_[field].header.empty()) columns_[field] = known[field];
  }

  Expected<HostInfo> parse_host(const CsvRow& row) {
    HostInfo host{.name = std::string(text_of(row, kName)), .zone = std::string(text_of(row, kZone)), .total = {}};
    if (host.name.empty())
      return wrong(row.line, fmt::format("column '{}': a host has no name", columns_[kName].header));
    if (auto named = check_host_name(host.name); !named)
      return wrong(row.line, fmt::format("column '{}': {}", columns_[kName].header, named.error().message));
    if (auto zone = check_text("the zone", host.zone); !zone)
      return wrong(row.line, fmt::format("column '{}': {}", columns_[kZone].header, zone.error().message));
    if (!lines_.insert(host.name, row.line))
      return wrong(row.line, fmt::format("column '{}': host '{}' is already on line {}", columns_[kName].header,
                                         host.name, *lines_.find(host.name)));
    if (host.zone.empty()) host.zone = kDefaultZone;
    host.total.disk_gb = kDefaultHost.disk_gb;
    if (auto read = read_amount(row, kVcpus, 1, host.total.vcpus); !read) return std::unexpected(read.error());
    if (auto read = read_amount(row, kRam, 1, host.total.memory_mb); !read) return std::unexpected(read.error());
    if (!columns_[kDisk].index) return host;
    if (auto read = read_amount(row, kDisk, 0, host.total.disk_gb); !read) return std::unexpected(read.error());
    return host;
  }

  // "" where the row ends before the column, or the file does not have it.
  std::string_view text_of(const CsvRow& row, Field field) const {
    const std::optional<size_t>& index = columns_[field].index;
    if (!index || *index >= row.fields.size()) return {};
    return trimmed(row.fields[*index]);
  }

  Expected<> read_amount(const CsvRow& row, Field field, int64_t least, int64_t& amount) const {
    const Column& column = columns_[field];
    std::string_view text = text_of(row, field);
    std::optional<double> number = parse_decimal(text);
    // What is divided was never whole in the file's own unit; all else must be.
    double divided_number = number.value_or(-1) / static_cast<double>(column.divisor);
    bool whole = column.divisor > 1 || divided_number == std::floor(divided_number);
    if (whole && divided_number >= static_cast<double>(least) && divided_number <= static_cast<double>(kMaxAmount)) {
      amount = static_cast<int64_t>(std::floor(divided_number));
      return {};
    }
    std::string divided = column.divisor == 1 ? "" : fmt::format(" after division by {}", column.divisor);
    return wrong(row.line, fmt::format("column '{}': '{}' is not a whole number from {} to {}{}", column.header, text,
                                       least, kMaxAmount, divided));
  }

  std::string_view file_name_;
  Columns columns_;
  HashMap<std::string, size_t> lines_;  // where each host was named
};

}  // namespace

Expected<std::vector<HostInfo>> parse_hosts(std::string_view text, std::string_view file_name,
                                            std::string_view columns) {
  return HostsParser(file_name).parse(text, columns);
}

Expected<std::vector<HostInfo>> load_hosts_file(const std::string& path, std::string_view columns) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file) text << file.rdbuf();
  // An empty file sets failbit on the stream it is copied to: the parser says what is wrong with it.
  if (!file.is_open() || file.bad())
    return fail(ErrorCode::kNotFound, fmt::format("hosts file '{}' cannot be read", path));
  return parse_hosts(text.str(), path, columns);
}

std::vector<HostInfo> make_hosts(size_t count, size_t first) {
  std::vector<HostInfo> hosts;
  hosts.reserve(count);
  for (size_t i = 0; i < count; ++i)
    hosts.push_back(
        {.name = fmt::format("host-{:05}", first + i), .zone = std::string(kDefaultZone), .total = kDefaultHost});
  return hosts;
}

std::vector<HostInfo> select_part(const std::vector<HostInfo>& hosts, size_t index, size_t processes) {
  KN_CHECK(processes > 0 && index < processes, "there is no such process among so many");
  auto begin = static_cast<std::ptrdiff_t>(hosts.size() * index / processes);
  auto end = static_cast<std::ptrdiff_t>(hosts.size() * (index + 1) / processes);
  return {hosts.begin() + begin, hosts.begin() + end};
}

}  // namespace kilonova::compute
