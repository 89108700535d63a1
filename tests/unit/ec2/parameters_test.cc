#include "api-server/front/ec2/parameters.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova::api::ec2 {
namespace {

Result<Parameter> parse(std::string_view text) {
  auto form = parse_form(text);
  return form ? parse_parameters(*form) : Result<Parameter>(std::unexpected(form.error()));
}

Parameter parsed(std::string_view text) {
  auto parameters = parse(text);
  EXPECT_TRUE(parameters) << (parameters ? "" : parameters.error().message);
  return parameters.value_or(Parameter{});
}

std::string code_of(std::string_view text) {
  auto parameters = parse(text);
  return parameters ? "" : parameters.error().code;
}

TEST(Parameters, ValuesAreDecoded) {
  const Parameter parameters = parsed("Action=Run+Instances&Name=%C3%A4%26b&Empty=&Nothing");
  EXPECT_EQ(parameters.text("Action"), "Run Instances");
  EXPECT_EQ(parameters.text("Name"), "\xc3\xa4&b");
  EXPECT_TRUE(parameters.has("Empty"));
  EXPECT_TRUE(parameters.has("Nothing"));
  EXPECT_FALSE(parameters.has("Other"));
  EXPECT_EQ(parameters.text("Other"), "");
}

TEST(Parameters, ListsComeInTheirOrderHoweverTheyAreSent) {
  std::string form;
  for (int i = 12; i >= 1; --i) form += "InstanceId." + std::to_string(i) + "=" + std::to_string(i) + "&";
  const Parameter parameters = parsed(form);
  ASSERT_EQ(parameters.texts("InstanceId").size(), 12u);
  EXPECT_EQ(parameters.texts("InstanceId").front(), "1");
  EXPECT_EQ(parameters.texts("InstanceId").back(), "12");
}

TEST(Parameters, ListsOfStructuresWithLists) {
  const Parameter parameters =
      parsed("Filter.1.Name=a&Filter.1.Value.1=x&Filter.1.Value.2=y&Filter.2.Name=b&Filter.2.Value.1=z");
  const auto filters = parameters.items("Filter");
  ASSERT_EQ(filters.size(), 2u);
  EXPECT_EQ(filters[0]->texts("Value"), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(filters[1]->text("Name"), "b");
}

TEST(Parameters, WhatIsMalformedIsRefused) {
  for (const char* form : {"Foo.2=b", "Foo.1=a&Foo.3=c", "Foo.0=a", "Foo.01=a", "Foo.1=a&Foo.1=b", "Foo=a&Foo=b",
                           "Foo=a&Foo.1=b", "Foo.1=a&Foo.Bar=b", "=a", ".=a", "Foo.=a", "Foo..Bar=a", "Foo=%zz",
                           "Foo=%ff", "Foo=%00", "A.1.1.1.1.1.1.1.1=x", "Foo.1.Bar.2=x"})
    EXPECT_EQ(code_of(form), "MalformedQueryString") << form;
}

TEST(Parameters, ThereAreBounds) {
  std::string many;
  for (size_t i = 0; i <= kMaxParameters; ++i) many += "P" + std::to_string(i) + "=&";
  EXPECT_EQ(code_of(many), "MalformedQueryString");
  EXPECT_EQ(code_of(std::string(kMaxParameterName, 'a') + "=1"), "");
  EXPECT_EQ(code_of(std::string(kMaxParameterName + 1, 'a') + "=1"), "MalformedQueryString");
}

TEST(Parameters, AGapIsNamed) {
  EXPECT_NE(parse("Foo.2=b").error().message.find("Foo.1 is not there"), std::string::npos);
}

TEST(Parameters, Numbers) {
  const Parameter parameters = parsed("N=12&Minus=-1&Text=x&Long=99999999999999999999&Space=+1&Empty=");
  EXPECT_EQ(integer_of(parameters, "N", 1, 12).value(), 12);
  EXPECT_EQ(integer_of(parameters, "None", 1, 12).value(), std::nullopt);
  for (const char* name : {"Minus", "Text", "Long", "Space", "Empty"})
    EXPECT_EQ(integer_of(parameters, name, 0, 100).error().code, "InvalidParameterValue") << name;
  EXPECT_EQ(integer_of(parameters, "N", 1, 11).error().code, "InvalidParameterValue");
}

TEST(Parameters, TruthsAndWhatMustBeThere) {
  const Parameter parameters = parsed("Yes=true&No=false&Maybe=True&Empty=&List.1=a");
  EXPECT_TRUE(boolean_of(parameters, "Yes").value());
  EXPECT_FALSE(boolean_of(parameters, "No").value());
  EXPECT_FALSE(boolean_of(parameters, "None").value());
  EXPECT_EQ(boolean_of(parameters, "Maybe").error().code, "InvalidParameterValue");
  EXPECT_EQ(required(parameters, "Empty").error().code, "MissingParameter");
  EXPECT_EQ(required_list(parameters, "None").error().code, "MissingParameter");
  EXPECT_EQ(required_list(parameters, "List").value(), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace kilonova::api::ec2
