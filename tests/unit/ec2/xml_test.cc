#include "api-server/front/ec2/xml.h"

#include <gtest/gtest.h>

#include "api-server/front/ec2/refusal.h"

namespace kilonova::api::ec2 {
namespace {

std::string written(std::string_view text) {
  pugi::xml_document document;
  add(document.append_child("a"), "b", text);
  return to_text(document);
}

TEST(Xml, TextIsEscaped) {
  EXPECT_EQ(written("<&>\"'"), "<?xml version=\"1.0\"?><a><b>&lt;&amp;&gt;\"'</b></a>");
  EXPECT_EQ(written(""), "<?xml version=\"1.0\"?><a><b/></a>");
}

// No parser takes them, whatever way they are written.
TEST(Xml, WhatNoXmlMayHoldIsAQuestionMark) {
  EXPECT_EQ(written(std::string_view("a\0b\x01\x1f\x7f", 6)), "<?xml version=\"1.0\"?><a><b>a?b?\?\?</b></a>");
  EXPECT_EQ(written("a\xef\xbf\xbf\xef\xbf\xbe"), "<?xml version=\"1.0\"?><a><b>a?\?</b></a>");
}

TEST(Xml, NumbersTruthsAndTimes) {
  pugi::xml_document document;
  Xml root = document.append_child("a");
  add(root, "n", int64_t{-5});
  add(root, "t", true);
  add(root, "w", WallTime{1'796'022'900'123'456});
  add(root, "none", WallTime{});
  EXPECT_EQ(to_text(document), "<?xml version=\"1.0\"?><a><n>-5</n><t>true</t><w>2026-11-30T07:15:00.123Z</w></a>");
}

TEST(Xml, ARefusalHasItsForm) {
  EXPECT_EQ(
      error_body({"InvalidAction", "no <such>"}, "req"),
      "<?xml version=\"1.0\"?><Response><Errors><Error><Code>InvalidAction</Code><Message>no &lt;such&gt;</Message>"
      "</Error></Errors><RequestID>req</RequestID></Response>");
}

}  // namespace
}  // namespace kilonova::api::ec2
