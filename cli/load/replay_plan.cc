#include "cli/load/replay_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <tuple>
#include <utility>

#include "cli/output/text.h"
#include "compute-node/csv.h"
#include "compute-node/csv_columns.h"

namespace kilonova::cli {
namespace {

using compute::Column;
using compute::CsvRow;
using compute::map_columns;
using compute::trimmed;

constexpr double kMaxAmount = 1e9;
constexpr double kMaxGpus = 1000;     // of one request; and thousandths of one GPU
constexpr double kMaxSeconds = 1e11;  // 3,000 years

enum Field : size_t { kName, kVcpus, kRam, kDisk, kCreated, kDeleted, kFields };
constexpr std::array<compute::ColumnField, kFields> kColumns{
    {{"name", false}, {"vcpus"}, {"ram"}, {"disk"}, {"created"}, {"deleted"}}};
static_assert(kColumns[kName].name == "name" && kColumns[kDeleted].name == "deleted", "in the order of Field");
constexpr std::string_view kOpenb =
    "name=name,vcpus=cpu_milli/1000,ram=memory_mib,created=creation_time,deleted=deletion_time";

// The names a column may have in the file's first line.
const std::vector<std::string_view>& headers_of(size_t field) {
  static const std::array<std::vector<std::string_view>, kFields> kHeaders{{
      {"name"},
      {"vcpus"},
      {"ram", "ram_mib", "memory_mib", "memory_mb"},
      {"disk", "disk_gib", "disk_gb"},
      {"created", "creation_time", "arrival"},
      {"deleted", "deletion_time", "departure"},
  }};
  return kHeaders[field];
}

class PlanReader {
 public:
  explicit PlanReader(std::string_view file_name) : file_name_(file_name) {}

  Expected<ReplayPlan> read(std::string_view text, std::string_view mapping) {
    Expected<std::vector<CsvRow>> rows = compute::parse_csv(text, file_name_);
    if (!rows) return std::unexpected(rows.error());
    if (rows->empty())
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} is empty: the first line must name the columns", file_name_));
    if (auto found = find_columns(rows->front(), mapping); !found) return std::unexpected(found.error());
    if (rows->size() == 1) return wrong(rows->front().line, "there are columns but no request");
    for (size_t i = 1; i < rows->size(); ++i) {
      const CsvRow& row = (*rows)[i];
      // A row that is none refuses itself, and no other.
      if (std::string why = read_row(row); !why.empty())
        plan_.refused.push_back({row.line, name_in(row), std::move(why)});
    }
    if (plan_.requests.empty())
      return wrong(plan_.refused.front().line,
                   fmt::format("{}; no row of the file can be launched", plan_.refused.front().text));
    plan_.rows = rows->size() - 1;
    return std::move(plan_);
  }

 private:
  std::unexpected<Error> wrong(size_t line, std::string_view why) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_name_, line, why));
  }

  static std::optional<size_t> position(const CsvRow& header, auto matches) {
    for (size_t i = 0; i < header.fields.size(); ++i)
      if (matches(trimmed(header.fields[i]))) return i;
    return std::nullopt;
  }

  Expected<> find_columns(const CsvRow& header, std::string_view mapping) {
    auto has = [&](std::string_view name) { return position(header, [&](auto field) { return field == name; }); };
    width_ = header.fields.size();
    if (mapping.empty() && has("cpu_milli") && has("memory_mib")) mapping = kOpenb;
    gpu_column_ = has("num_gpu");
    if (gpu_column_) gpu_share_column_ = has("gpu_milli");
    if (!gpu_column_) gpu_column_ = has("gpus");
    if (auto mapped = map_columns(mapping, "--columns:", kColumns, columns_); !mapped) return mapped;
    for (size_t field = 0; field < kFields; ++field) {
      Column& column = columns_[field];
      if (!column.header.empty()) {
        column.index = has(column.header);
        std::array<std::string_view, 1> name{column.header};
        if (!column.index)
          return wrong(header.line, fmt::format("there is no column '{}'{}", one_line(column.header),
                                                compute::why_missing(header.fields, name)));
        continue;
      }
      column.index = position(
          header, [&](auto name) { return std::ranges::find(headers_of(field), name) != headers_of(field).end(); });
      if (column.index) column.header = trimmed(header.fields[*column.index]);
      if (column.index || field > kRam) continue;
      std::string why = compute::why_missing(header.fields, headers_of(field));
      if (why.empty()) why = fmt::format("; say which one it is, as in --columns \"{}\"", kOpenb);
      return wrong(header.line, fmt::format("there is no column for '{}'{}", kColumns[field].name, why));
    }
    return {};
  }

  // "" where the row has none.
  std::string name_in(const CsvRow& row) const {
    size_t index = *columns_[kName].index;
    return index < row.fields.size() ? std::string(trimmed(row.fields[index])) : std::string();
  }

  // Why it is no request; "" when it was one.
  std::string read_row(const CsvRow& row) {
    if (row.fields.size() != width_)
      return fmt::format("{} fields, but there are {} columns", row.fields.size(), width_);
    ReplayRequest request{.line = row.line, .name = name_in(row)};
    if (request.name.empty()) return "a request has no name";
    if (std::string why = why_no_text(request.name); !why.empty()) return "its name " + why;
    std::array<std::optional<double>, kFields> numbers;
    for (size_t field = kVcpus; field < kFields; ++field)
      if (std::string why = read_number(row, static_cast<Field>(field), numbers[field]); !why.empty()) return why;
    auto amount = [&](Field field) { return static_cast<int64_t>(std::ceil(numbers[field].value_or(0))); };
    auto time = [](double seconds) { return Duration{std::llround(seconds * 1e6)}; };
    request.vcpus = amount(kVcpus);
    request.memory_mb = amount(kRam);
    request.disk_gb = amount(kDisk);
    request.arrival = time(numbers[kCreated].value_or(0));
    if (numbers[kDeleted]) request.departure = time(*numbers[kDeleted]);
    request.gpu_milli = gpu_milli_of(row);
    if (request.gpu_milli > 0) ++plan_.gpu_requests;
    accept(std::move(request));
    return {};
  }

  std::string read_number(const CsvRow& row, Field field, std::optional<double>& number) const {
    const Column& column = columns_[field];
    if (!column.index) return {};
    std::string_view text = trimmed(row.fields[*column.index]);
    if (field == kDeleted && text.empty()) return {};
    number = compute::parse_decimal(text);
    bool is_time = field == kCreated || field == kDeleted;
    double divided = number.value_or(-1) / static_cast<double>(column.divisor);
    if (number && divided >= 0 && divided <= (is_time ? kMaxSeconds : kMaxAmount)) {
      number = divided;
      return {};
    }
    std::string right = is_time ? "of seconds of at least 0" : fmt::format("from 0 to {:.0f}", kMaxAmount);
    if (is_time && divided > kMaxSeconds)
      right += fmt::format("; if it is milliseconds, say {}={}/1000 in --columns", kColumns[field].name,
                           one_line(column.header));
    return fmt::format("column '{}': '{}' is not a number {}", one_line(column.header), one_line(text), right);
  }

  // Who asks for one GPU may ask for a part of it; who asks for several gets them whole.
  int64_t gpu_milli_of(const CsvRow& row) const {
    if (!gpu_column_) return 0;
    auto number_at = [&](size_t column) {
      const double number = compute::parse_decimal(trimmed(row.fields[column])).value_or(-1);
      return number >= 0 && number <= kMaxGpus ? number : -1;
    };
    const double gpus = number_at(*gpu_column_);
    if (gpus != 1 || !gpu_share_column_) return std::llround(gpus < 0 ? -1 : gpus * 1000);
    return std::llround(number_at(*gpu_share_column_));
  }

  void accept(ReplayRequest request) {
    auto note = [&](std::vector<ReplayNote>& notes, std::string text) {
      notes.push_back({request.line, request.name, std::move(text)});
    };
    if (request.departure && *request.departure < request.arrival) {
      note(plan_.refused, "its deletion is before its creation");
      return;
    }
    if (request.vcpus == 0) note(plan_.adjusted, "asks for no cpu: launched with 1 vcpu");
    if (request.memory_mb == 0) note(plan_.adjusted, "asks for no memory: launched with 1 MiB");
    if (request.departure == request.arrival)
      note(plan_.adjusted, "lives for no time: deleted as soon as it is launched");
    request.vcpus = std::max<int64_t>(request.vcpus, 1);
    request.memory_mb = std::max<int64_t>(request.memory_mb, 1);
    plan_.requests.push_back(std::move(request));
  }

  std::string_view file_name_;
  std::array<Column, kFields> columns_;
  std::optional<size_t> gpu_column_;
  std::optional<size_t> gpu_share_column_;  // thousandths of one GPU
  size_t width_ = 0;
  ReplayPlan plan_;
};

void order_actions(ReplayPlan& plan, bool ignore_departures) {
  // What leaves makes room for what comes; what leaves as it comes has to come first.
  auto rank = [&](const ReplayAction& action) {
    if (action.kind == ReplayAction::Kind::kLaunch) return 1;
    return plan.requests[action.request].arrival == action.time ? 2 : 0;
  };
  for (size_t i = 0; i < plan.requests.size(); ++i) {
    const ReplayRequest& request = plan.requests[i];
    plan.actions.push_back({request.arrival, ReplayAction::Kind::kLaunch, i});
    if (request.departure && !ignore_departures)
      plan.actions.push_back({*request.departure, ReplayAction::Kind::kDelete, i});
  }
  std::ranges::sort(plan.actions, [&](const ReplayAction& a, const ReplayAction& b) {
    return std::tuple(a.time, rank(a), a.request) < std::tuple(b.time, rank(b), b.request);
  });
}

}  // namespace

Expected<ReplayPlan> plan_replay(std::string_view text, std::string_view file_name, std::string_view columns,
                                 bool ignore_departures) {
  Expected<ReplayPlan> plan = PlanReader(file_name).read(text, columns);
  if (!plan) return plan;
  if (ignore_departures)
    std::erase_if(plan->adjusted, [](const ReplayNote& note) { return note.text.starts_with("lives for no time"); });
  order_actions(*plan, ignore_departures);
  return plan;
}

std::string replay_flavor_name(const ReplayRequest& request) {
  std::string name = fmt::format("replay.v{}.m{}", request.vcpus, request.memory_mb);
  if (request.disk_gb > 0) name += fmt::format(".d{}", request.disk_gb);
  return name;
}

}  // namespace kilonova::cli
