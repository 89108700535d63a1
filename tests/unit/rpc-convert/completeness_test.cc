// With round_trip_test.cc: a struct has as many fields as its message, and each field of the message makes the way there and
// back with a value of its own. So none of the struct's can be missing.
#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <set>

#include "domain/beliefs.h"
#include "domain/client_token.h"
#include "domain/nouns/server.h"
#include "domain/operation.h"
#include "domain/server_actions.h"
#include "domain/setting.h"
#include "domain/stored_records.h"
#include "domain/user_role.h"
#include "rpc/convert/enums.h"
#include "rpc/convert/operations.h"

namespace kilonova::rpc {
namespace {

// Converts to whatever an aggregate's member is, but not to the aggregate itself (that would be a copy).
template <class Aggregate>
struct Anything {
  template <class T>
    requires(!std::is_same_v<T, Aggregate>)
  operator T() const {  // NOLINT: implicit on purpose
    std::abort();       // never called: what converts is only counted
  }
};

template <class T, size_t... I>
constexpr bool takes(std::index_sequence<I...>) {
  return requires { T{(static_cast<void>(I), Anything<T>{})...}; };
}

template <class T, size_t N = 0>
constexpr int field_count() {
  if constexpr (takes<T>(std::make_index_sequence<N + 1>())) {
    return field_count<T, N + 1>();
  } else {
    return static_cast<int>(N);
  }
}

static_assert(field_count<Empty>() == 0);
static_assert(field_count<PlacementId>() == 2);
static_assert(field_count<Error>() == 2);

TEST(Completeness, EveryStructHasAsManyFieldsAsItsMessage) {
#define KN_COUNT(Domain, Proto) EXPECT_EQ(field_count<Domain>(), v1::Proto::descriptor()->field_count()) << #Domain;
#define KN_COUNT_CALL(Name, field, Proto) KN_COUNT(Name, Proto)
#define KN_COUNT_REPLY(Name, field, Proto, Case) KN_COUNT(Name, Proto)
  KN_CODECS(KN_COUNT)
  KN_OPERATIONS(CALLS, KN_COUNT_CALL)
  KN_OPERATIONS(REPLIES, KN_COUNT_REPLY)
#undef KN_COUNT_REPLY
#undef KN_COUNT_CALL
#undef KN_COUNT
}

// Of every record, but for those that are in an export in a form of their own.
TEST(Completeness, EveryStoredRecordHasAsManyFieldsAsItsMessage) {
  for_each_type(StoredRecords{}, []<class Row>() {
    if constexpr (!std::is_same_v<Row, ClientToken> && !std::is_same_v<Row, Setting>)
      EXPECT_EQ(field_count<Row>(), RecordMessage<Row>::Type::descriptor()->field_count()) << Row::kRecord.table;
  });
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string step_name(int number) {
  std::string name = v1::LaunchStep_Name(number);
  return lower_case(name.substr(std::string("LAUNCH_STEP_").size()));
}

TEST(Completeness, LaunchStepsAreThoseOfTheProtocol) {
  ASSERT_EQ(v1::LaunchStep_descriptor()->value_count(), 14);
  EXPECT_EQ(static_cast<int>(LaunchStep::kNone), v1::LAUNCH_STEP_UNSPECIFIED);
  for (size_t i = 0; i < launch_steps().size(); ++i) {
    const LaunchStepInfo& info = launch_steps()[i];
    EXPECT_EQ(static_cast<int>(info.step), static_cast<int>(i) + 1);
    EXPECT_EQ(info.name, step_name(static_cast<int>(info.step)));
  }
}

// Each known number of the wire stands for a domain value whose text is the wire's name, and no two for one.
template <class Enum, class ToText>
void expect_same_names(const std::string& prefix, ToText to_text) {
  const auto* descriptor = EnumWire<Enum>::descriptor();
  std::set<std::string> texts;
  for (int i = 0; i < descriptor->value_count(); ++i) {
    int number = descriptor->value(i)->number();
    EXPECT_EQ(EnumWire<Enum>::is_known(number), number != 0 || EnumWire<Enum>::kHasZero);
    if (number == 0) continue;
    std::string text(to_text(static_cast<Enum>(number - EnumWire<Enum>::kOffset)));
    for (char& c : text)
      if (c == ' ' || c == '-') c = '_';
    EXPECT_EQ(prefix + text, lower_case(descriptor->value(i)->name()));
    EXPECT_TRUE(texts.insert(text).second);
  }
}

TEST(Completeness, EnumsHaveTheNamesOfTheDomain) {
  auto text = [](auto value) { return to_string(value); };
  expect_same_names<ErrorCode>("error_code_", text);
  expect_same_names<VmState>("vm_state_", text);
  expect_same_names<TaskState>("task_state_", text);
  expect_same_names<PowerState>("power_state_", text);
  expect_same_names<UserRole>("user_role_", text);
  expect_same_names<Role>("role_", text);
  expect_same_names<BeliefKind>("belief_kind_", text);
  expect_same_names<ServerActionKind>("server_action_kind_", [](ServerActionKind action) {
    return find_action(action) ? find_action(action)->name : "no row";
  });
  EXPECT_EQ(v1::ServerActionKind_descriptor()->value_count(), static_cast<int>(server_actions().size()) + 1);
  EXPECT_EQ(v1::VmState_descriptor()->value_count(), static_cast<int>(vm_states().size()) + 1);
  EXPECT_EQ(v1::TaskState_descriptor()->value_count(), static_cast<int>(task_states().size()));
}

TEST(Completeness, EnumsWithoutTextHaveTheNumbersOfTheDomain) {
  EXPECT_EQ(static_cast<int>(BuildResult::kProgress), v1::BUILD_RESULT_PROGRESS);
  EXPECT_EQ(static_cast<int>(BuildResult::kActive), v1::BUILD_RESULT_ACTIVE);
  EXPECT_EQ(static_cast<int>(BuildResult::kRescheduled), v1::BUILD_RESULT_RESCHEDULED);
  EXPECT_EQ(static_cast<int>(BuildResult::kFailed), v1::BUILD_RESULT_FAILED);
  EXPECT_EQ(static_cast<int>(BuildResult::kLost), v1::BUILD_RESULT_LOST);
  EXPECT_EQ(static_cast<int>(ReportAnswer::Verdict::kAccepted), v1::REPORT_VERDICT_ACCEPTED);
  EXPECT_EQ(static_cast<int>(ReportAnswer::Verdict::kStale), v1::REPORT_VERDICT_STALE);
}

}  // namespace
}  // namespace kilonova::rpc
