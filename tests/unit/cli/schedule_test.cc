// `kilonova schedule` against answers that Nova's and Placement's own classes gave: the cases of ours in
// tests/unit/cli/schedule, one or more for each filter and weigher, and all of the folder nova-vectors, which is no
// part of the repository: KILONOVA_TEST_DATA names its parent, the default is ../shared/data. Then what is wrong with a
// line.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/schedule/cases.h"
#include "cli/schedule/form.h"
#include "cli/schedule/read_cloud.h"
#include "cli/schedule/view.h"
#include "scheduler/core/nova/filters/filter.h"
#include "scheduler/core/nova/weighers/weigher.h"
#include "scheduler/core/python_json.h"

namespace kilonova::cli::schedule {
namespace {

using scheduler::json_dumps_compact;

std::filesystem::path source_directory() {
  const char* source = std::getenv("KILONOVA_SOURCE_DIR");
  return source == nullptr ? "." : source;
}

std::filesystem::path vectors_directory() {
  if (const char* data = std::getenv("KILONOVA_TEST_DATA")) return std::filesystem::path(data) / "nova-vectors";
  return source_directory() / "../shared/data/nova-vectors";
}

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  std::vector<std::string> lines;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  EXPECT_FALSE(lines.empty()) << path;
  return lines;
}

PythonValue parsed(const std::string& line) {
  auto value = scheduler::json_loads(line, scheduler::JsonDialect::kStrict);
  EXPECT_TRUE(value.has_value()) << line.substr(0, 200);
  return value.value_or(PythonValue());
}

// Of an error only where it happened: type and text are Python's.
PythonValue without_text(const PythonValue& answer) {
  PythonDict dict = *answer.as<PythonDict>();
  const PythonValue* error = dict.find("error");
  if (error == nullptr || error->as<PythonDict>() == nullptr) return dict;
  PythonValue in = *error->as<PythonDict>()->find("in");
  dict.set("error", std::move(in));
  return dict;
}

// The steps of a sequence are answered one by one.
PythonValue sequence_answer(const PythonDict& test) {
  PythonList steps;
  for (const PythonValue& step : *test.find("steps")->as<PythonList>()) {
    PythonDict shown;
    shown.set("answer", *step.as<PythonDict>()->find("answer"));
    steps.emplace_back(std::move(shown));
  }
  PythonDict answer;
  answer.set("steps", std::move(steps));
  answer.set("end", *test.find("end"));
  return answer;
}

template <class Answer>
void compare(const std::filesystem::path& path, Expected<Answer> (*answer_line)(std::string_view)) {
  for (const std::string& line : lines_of(path)) {
    const PythonValue test = parsed(line);
    const PythonDict& fields = *test.as<PythonDict>();
    const PythonValue* answer = fields.find("answer");
    const PythonValue expected = answer == nullptr ? sequence_answer(fields) : *answer;
    Expected<Answer> got = answer_line(line);
    ASSERT_TRUE(got.has_value()) << python_str(*fields.find("id")) << ": " << got.error().message;
    EXPECT_TRUE(python_equal(without_text(json_of(*got)), without_text(expected)))
        << python_str(*fields.find("id")) << "\n  ours: " << json_dumps_compact(json_of(*got))
        << "\n  Nova: " << json_dumps_compact(expected);
  }
}

TEST(ScheduleOwnCases, DecideAsNova) {
  compare(source_directory() / "tests/unit/cli/schedule/cases.jsonl", answer_case);
}
TEST(ScheduleOwnCases, SequencesTakeAsNova) {
  compare(source_directory() / "tests/unit/cli/schedule/sequences.jsonl", answer_sequence);
}
TEST(ScheduleOwnCases, PlacementHasRoomAsPlacement) {
  compare(source_directory() / "tests/unit/cli/schedule/placement.jsonl", answer_placement);
}

// So that none is added without a case.
TEST(ScheduleOwnCases, NameEachFilterAndWeigher) {
  std::string all;
  for (const std::string& line : lines_of(source_directory() / "tests/unit/cli/schedule/cases.jsonl")) all += line;
  for (const scheduler::nova::Filter& filter : scheduler::nova::filters()) {
    if (filter.name == "AllHostsFilter") continue;  // it drops none
    EXPECT_NE(all.find(fmt::format("{{\"f\":\"{}\",\"left\"", filter.name)), all.npos) << filter.name;
  }
  for (const scheduler::nova::Weigher& weigher : scheduler::nova::weighers())
    EXPECT_NE(all.find(fmt::format("{{\"w\":\"{}\"", weigher.name)), all.npos) << weigher.name;
}

struct NovaVectorFiles : ::testing::Test {
  void SetUp() override {
    if (!std::filesystem::exists(vectors_directory()))
      GTEST_SKIP() << vectors_directory() << " is absent: set KILONOVA_TEST_DATA to the folder that holds nova-vectors";
  }
};

TEST_F(NovaVectorFiles, DecideAsNova) { compare(vectors_directory() / "vectors.jsonl", answer_case); }
TEST_F(NovaVectorFiles, SequencesTakeAsNova) { compare(vectors_directory() / "consume.jsonl", answer_sequence); }
TEST_F(NovaVectorFiles, PlacementHasRoomAsPlacement) {
  compare(vectors_directory() / "placement.jsonl", answer_placement);
}

// A line that is right, with one thing in it replaced.
std::string case_with(const std::string& old_text, const std::string& new_text) {
  std::string line =
      R"({"id":"x","options":{},"base":{"vcpus":8},"hosts":[{"name":"h1"},{"name":"h2"}],"request":{"uuid":"i1",)"
      R"("flavor":{"name":"s","vcpus":1,"ram":1,"root":1},"image":null,"project":"p"}})";
  const size_t at = line.find(old_text);
  EXPECT_NE(at, line.npos) << old_text;
  return line.replace(at, old_text.size(), new_text);
}

TEST(ScheduleErrors, NameTheFieldTheValueAndWhatWouldBeRight) {
  struct Row {
    const char* old_text;
    const char* new_text;
    const char* message;
  };
  for (const Row& row : {
           Row{"\"vcpus\":8", "\"vcpus\":\"8\"", "base.vcpus is \"8\"; it must be an integer, at most "},
           {"\"vcpus\":8", "\"vcpus\":8.5", "base.vcpus is 8.5; it must be an integer"},
           {"\"vcpus\":8", "\"vcpus\":true", "base.vcpus is true; it must be an integer"},
           {"\"vcpus\":8", "\"vcpus\":2000000000000", "base.vcpus is 2000000000000; it must be an integer"},
           {"\"vcpus\":8", "\"vcpu\":8", "base.vcpu is unknown; did you mean vcpus?"},
           {"\"vcpus\":8", "\"cpu_ratio\":NaN", "base.cpu_ratio is NaN; it must be a number"},
           {"\"vcpus\":8", "\"hv_version\":-1", "base.hv_version is -1; it must be an integer from 0 to "},
           {"\"vcpus\":8", "\"host_ip\":\"x\"", "base.host_ip is \"x\"; it must be an IPv4 or IPv6 address"},
           {"\"vcpus\":8", "\"hv_specs\":[[\"kvm\"]]", "base.hv_specs[0] is [\"kvm\"]; it must be an architecture"},
           {"\"vcpus\":8", "\"metrics\":[[\"cpu\",1]]", "base.metrics[0][0] is \"cpu\"; it must be a metric of Nova"},
           {"\"vcpus\":8", "\"metrics\":[[\"cpu.percent\",-9223372036854775808]]", "[1] is -9223372036854775808; it "},
           {"\"vcpus\":8", "\"metrics\":[[\"cpu.percent\",1e300]]",
            "base.metrics[0][1] is 1e+300; it must be a number"},
           {"\"vcpus\":8", "\"stats\":{\"num_instances\":\"-99999999999999999999\"}",
            "base.stats.num_instances is \"-99999999999999999999\"; it must be an integer"},
           {"\"vcpus\":8", "\"stats\":{\"a\":1}", "base.stats.a is 1; it must be a text"},
           {"{\"name\":\"h2\"}", "7", "hosts[1] is 7; it must be an object"},
           {"{\"name\":\"h2\"}", "{}", "hosts[1].name is missing"},
           {"{\"name\":\"h2\"}", "{\"name\":\"h2\",\"instances\":[1]}", "hosts[1].instances[0] is 1; it must be [id, "},
           {"\"options\":{}", "\"options\":{\"filters\":[\"RamFilter\"]}", "options.filters[0] 'RamFilter' is unknown"},
           {"\"options\":{}", "\"options\":{\"filters\":[\"computefilter\"]}", "did you mean ComputeFilter?"},
           {"\"options\":{}", "\"options\":{\"weighers\":[\"RAMWeighter\"]}", "did you mean RAMWeigher?"},
           {"\"options\":{}", "\"options\":{\"ram_weight\":1}", "options.ram_weight is unknown; "},
           {"\"options\":{}", "\"options\":{\"pci_weight_multiplier\":-1}", "-1; it must be a number from 0 on"},
           {"\"image\":null", "\"image\":{\"id\":\"i\",\"props\":{\"hw_vm_mode\":\"z\"}}",
            "request.image.props: hw_vm_mode is 'z'; it must be one of: hvm xen uml exe"},
           {"\"image\":null", "\"group\":{\"policy\":\"x\"}", "request.group.policy is \"x\"; it must be affinity, "},
           {"\"image\":null", "\"hints\":{\"query\":\"x\"}",
            "request.hints.query is \"x\"; it must be a list of texts"},
           {"\"image\":null", "\"pci\":[{\"count\":1}]", "request.pci[0].spec is missing"},
           {",\"project\":\"p\"", "", "request.project is missing"},
           {"\"root\":1", "\"root\":-1", "request.flavor.root is -1; it must be an integer from 0 to "},
           {"\"id\":\"x\"", "\"id\":\"\\ud800\"", "no JSON at byte 8: half of a surrogate pair"},
           {"\"id\":\"x\"", "\"id\":\"\xff\"", "no JSON at byte 8: a byte that is no UTF-8"},
           {"\"id\":\"x\"", "\"id\":99999999999999999999", "no JSON at byte 7: an integer beyond 64 bits"},
           {"\"id\":\"x\"", "\"id\":", "no JSON at byte 7: Expecting value; a line must be one JSON object"},
       }) {
    Expected<CaseAnswer> answer = answer_case(case_with(row.old_text, row.new_text));
    ASSERT_FALSE(answer.has_value()) << row.new_text;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(answer.error().message.find(row.message), std::string::npos) << answer.error().message;
  }
  EXPECT_TRUE(answer_case(case_with("\"image\":null", "\"image\":null")).has_value());
}

TEST(ScheduleErrors, DeepAndOddLinesAreRefused) {
  for (const std::string& line :
       {std::string("[]"), std::string("1"), std::string("{}"), std::string("{\"hosts\":[]}"), std::string(100000, '['),
        "{\"id\":" + std::string(100000, '[') + std::string(100000, ']') + "}", std::string("{\"a\":1,}"),
        std::string("{\"id\":1} x"), std::string("\0", 1)}) {
    EXPECT_FALSE(answer_case(line).has_value()) << line.substr(0, 40);
    EXPECT_FALSE(answer_sequence(line).has_value()) << line.substr(0, 40);
    EXPECT_FALSE(answer_placement(line).has_value()) << line.substr(0, 40);
  }
}

TEST(ScheduleErrors, ASequenceHasAnIdForEachInstance) {
  auto answer =
      answer_sequence(R"({"hosts":[{"name":"h"}],"steps":[{"uuids":["a","b"],"request":{"uuid":"a","project":"p",)"
                      R"("flavor":{"name":"s","vcpus":1,"ram":1,"root":1}}}]})");
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().message, "steps[0].uuids has 2 ids; steps[0].request.num_instances asks for 1");
}

TEST(ScheduleView, FitsATerminal) {
  const std::string line =
      case_with("{\"name\":\"h2\"}", "{\"name\":\"h2\",\"free_ram_mb\":5},{\"name\":\"off\",\"disabled\":true}");
  EXPECT_EQ(render(*answer_case(line), "line 1", 80, false),
            "x: 3 hosts, best h2\n"
            "Filter                         Left  Dropped\n"
            "ComputeFilter                     2        1\n"
            "ComputeCapabilitiesFilter         2        0\n"
            "ImagePropertiesFilter             2        0\n"
            "ServerGroupAntiAffinityFilter     2        0\n"
            "ServerGroupAffinityFilter         2        0\n"
            "Rank  Host  Weight  RAM\n"
            "   1  h2         2    1\n"
            "   2  h1         1    0\n");
}

TEST(ScheduleCells, HaveTheirUuid5) {
  // As the cells of Nova's records: uuid.uuid5(uuid.NAMESPACE_DNS, "c1").
  EXPECT_EQ(cell_uuid("python.org"), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

}  // namespace
}  // namespace kilonova::cli::schedule
