// Tags in the records of OpenStack's front.
#include "api-server/front/ec2/stored_tags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api-server/front/ec2/tags.h"

namespace kilonova::api::ec2 {
namespace {

using openstack::Json;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(StoredTags, LieInAPartOfTheirOwn) {
  Json record{{"name", "web"}, {"tags", Json::array({"neutron's"})}};
  set_tags_in(record, {{"Name", "front"}, {"empty", ""}});
  set_tags_in(record, {{"Name", "gateway"}}, kStoredGatewayTags);
  EXPECT_THAT(tags_in(record), ElementsAre(MetadataItem{"Name", "front"}, MetadataItem{"empty", ""}));
  EXPECT_THAT(tags_in(record, kStoredGatewayTags), ElementsAre(MetadataItem{"Name", "gateway"}));
  EXPECT_EQ(record["tags"], Json::array({"neutron's"}));
  set_tags_in(record, {});
  EXPECT_THAT(tags_in(record), IsEmpty());
}

// Another version of the program may have written it.
TEST(StoredTags, WhatIsNoneIsLeftOut) {
  EXPECT_THAT(tags_in(Json::object()), IsEmpty());
  EXPECT_THAT(tags_in(Json{{"ec2_tags", "x"}}), IsEmpty());
  EXPECT_THAT(tags_in(Json{{"ec2_tags", {{"a", 1}, {"b", "2"}}}}), ElementsAre(MetadataItem{"b", "2"}));
}

TEST(StoredTags, AreShownAsASet) {
  pugi::xml_document document;
  add_tag_set(document.append_child("a"), {{"k", "v"}});
  EXPECT_EQ(to_text(document),
            "<?xml version=\"1.0\"?><a><tagSet><item><key>k</key><value>v</value></item></tagSet></a>");
}

std::string code_of(std::string_view form, std::string_view also) {
  auto read =
      read_tag_specifications(parse_parameters(parse_form(form).value()).value(), "instance", "Refused", "why", also);
  return read ? "" : read.error().code;
}

TEST(TagSpecifications, AreOfTheResourcesThatAreMade) {
  EXPECT_EQ(code_of("TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=a", ""), "");
  EXPECT_EQ(code_of("TagSpecification.1.ResourceType=volume", ""), "Refused");
  EXPECT_EQ(code_of("TagSpecification.1.ResourceType=volume", "network-interface"), "Refused");
  EXPECT_EQ(code_of("TagSpecification.1.ResourceType=network-interface", "network-interface"), "");
  EXPECT_EQ(code_of("TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Value=a", ""),
            "MissingParameter");
}

}  // namespace
}  // namespace kilonova::api::ec2
