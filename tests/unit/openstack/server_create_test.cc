// What a create, and a rebuild, say of a server apart from its name, flavor, image and networks.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "domain/nouns/flavor.h"
#include "domain/nouns/image.h"
#include "domain/nouns/quota.h"
#include "domain/nouns/server.h"
#include "tests/unit/openstack/answering_world.h"

namespace kilonova::api::openstack {
namespace {

class ServerCreateTest : public AnsweringWorld {
 protected:
  static constexpr const char* kImage = "11111111-1111-1111-1111-111111111111";

  Expected<ApiResponse> respond(const ApiRequest& request) override {
    if (const auto* create = get_if<CreateServers>(&request)) {
      creates_.push_back(*create);
      Instance row;
      row.uuid = *parse_uuid("22222222-2222-2222-2222-222222222222");
      return ApiResponse(CreateServersReply{.servers = {row}});
    }
    if (holds_alternative<ListFlavors>(request)) {
      Flavor flavor;
      flavor.id = "1";
      return ApiResponse(FlavorList{{flavor}});
    }
    if (holds_alternative<ListImages>(request)) {
      Image image;
      image.id = *parse_uuid(kImage);
      return ApiResponse(ImageList{{image}});
    }
    if (holds_alternative<GetQuota>(request)) return ApiResponse(QuotaReply{quota_, {}});
    return respond_of_records(request);
  }
  // "202", or the status with the refusal's words.
  std::string created(const std::string& fields, const char* minor, UserRole role = UserRole::kMember) {
    const std::string body =
        fmt::format(R"({{"server": {{"name": "a", "flavorRef": "1", "imageRef": "{}", "networks": {}, {}}}}})", kImage,
                    std::string_view(minor) == "2.56" ? "[]" : "\"none\"", fields);
    Reply& reply = ask(role, "POST", "/compute/v2.1/servers", body, {{"X-OpenStack-Nova-API-Version", minor}});
    answer_all();
    EXPECT_TRUE(reply);
    if (!reply || reply->status == 202) return reply ? "202" : "no reply";
    return fmt::format("{} {}", reply->status, text_at(parse_json(reply->body)->begin().value(), "message"));
  }
  static std::string file(const std::string& path, const std::string& base64) {
    return fmt::format(R"("personality": [{{"path": "{}", "contents": "{}"}}])", path, base64);
  }

  Quota quota_;
  std::vector<CreateServers> creates_;
};

TEST_F(ServerCreateTest, InjectedFilesAreWithinTheirQuotas) {
  const std::string wrong = "400 Invalid input for field/attribute ";
  EXPECT_EQ(created(file("/etc/banner.txt", "IGZvbyA= IA=="), "2.57").substr(0, 38),
            "400 Invalid input for field/attribute ");
  EXPECT_EQ(created(file("/a", "YQ"), "2.56"), wrong + "contents. Value: YQ. 'YQ' is not a 'base64'");
  EXPECT_EQ(created(R"("personality": [{"file": "/a"}])", "2.56"),
            wrong + "0. Value: {'file': '/a'}. Additional properties are not allowed ('file' was unexpected)");
  quota_.injected_file_path_bytes = 2;
  quota_.injected_file_content_bytes = 3;
  quota_.injected_files = 1;
  EXPECT_EQ(created(file("/abc", "YWJj"), "2.56"), "403 Personality file path exceeds maximum 2");
  EXPECT_EQ(created(file("/a", "YWJjZA=="), "2.56"), "403 Personality file content exceeds maximum 3");
  EXPECT_EQ(created(R"("personality": [{"path": "/a"}, {"path": "/b"}])", "2.56"),
            "403 Personality file limit exceeded");
  EXPECT_TRUE(creates_.empty());
  EXPECT_EQ(created(R"("networks": "none")", "2.57"), "202");
  EXPECT_EQ(creates_.size(), 1u);
}

TEST_F(ServerCreateTest, TrustedCertificatesAreKept) {
  EXPECT_EQ(created(R"("trusted_image_certificates": ["a", "b"])", "2.63"), "202");
  EXPECT_EQ(creates_.at(0).access.trusted_image_certificates, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(created(R"("trusted_image_certificates": null)", "2.63"), "202");
  EXPECT_TRUE(creates_.at(1).access.trusted_image_certificates.empty());
  const std::string wrong = "400 Invalid input for field/attribute trusted_image_certificates. Value: ";
  EXPECT_EQ(created(R"("trusted_image_certificates": [])", "2.63"), wrong + "[]. [] is too short");
  EXPECT_EQ(created(R"("trusted_image_certificates": ["a", "a"])", "2.63"),
            wrong + "['a', 'a']. ['a', 'a'] has non-unique elements");
}

TEST_F(ServerCreateTest, AHostIsAskedForWithoutForcingIt) {
  EXPECT_EQ(created(R"("host": "h1")", "2.74", UserRole::kAdmin), "202");
  EXPECT_EQ(creates_.at(0).requested_host, "h1");
  EXPECT_EQ(creates_.at(0).availability_zone, "");
  EXPECT_EQ(created(R"("hypervisor_hostname": "h2")", "2.74", UserRole::kAdmin), "202");
  EXPECT_EQ(creates_.at(1).requested_host, "h2");
  EXPECT_EQ(created(R"("host": "h1", "hypervisor_hostname": "h2")", "2.74", UserRole::kAdmin),
            "400 Compute host h1 could not be found.");
  EXPECT_EQ(created(R"("host": "h1", "availability_zone": "nova:h1")", "2.74", UserRole::kAdmin),
            "400 One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are "
            "mutually exclusive.");
  EXPECT_EQ(created(R"("host": "h1")", "2.74").substr(0, 3), "403");
}

}  // namespace
}  // namespace kilonova::api::openstack
