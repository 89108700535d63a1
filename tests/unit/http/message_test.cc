#include "http/message.h"

#include <gtest/gtest.h>

#include <string>

namespace kilonova::http {
namespace {

constexpr WallTime kNow{1'795'442'709'000'000};  // 2026-11-23T14:05:09Z

TEST(Response, IsWritten) {
  Response response{404, {{"Content-Type", "application/json"}}, "{}"};
  EXPECT_EQ(serialize(response, kNow, false, false),
            "HTTP/1.1 404 Not Found\r\nDate: Mon, 23 Nov 2026 14:05:09 GMT\r\nContent-Type: application/json\r\n"
            "Content-Length: 2\r\n\r\n{}");
}

TEST(Response, ToHeadHasTheLengthAndNoBody) {
  std::string bytes = serialize({200, {}, "12345"}, kNow, true, true);
  EXPECT_NE(bytes.find("Content-Length: 5\r\nConnection: close\r\n\r\n"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(Response, WithoutContentHasNoLength) {
  std::string bytes = serialize({204, {}, "dropped"}, kNow, false, false);
  EXPECT_EQ(bytes.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(Response, OfUnknownLengthEndsWithItsLastChunkOrTheConnection) {
  Response response{200, {{"transfer-encoding", "chunked"}}, ""};
  std::string kept = serialize(response, kNow, false, false);
  EXPECT_EQ(kept.find("Content-Length"), std::string::npos);
  EXPECT_NE(kept.find("transfer-encoding: chunked\r\n\r\n"), std::string::npos);
  std::string closed = serialize(response, kNow, false, true);
  EXPECT_EQ(closed.find("Content-Length"), std::string::npos);
  EXPECT_EQ(closed.find("chunked"), std::string::npos);
}

TEST(Response, HeadersCannotBeWrittenByAClient) {
  std::string bytes = serialize({200, {{"Location", "/a\r\nSet-Cookie: x\n\n<html>"}}, ""}, kNow, false, false);
  EXPECT_EQ(bytes.find("\nSet-Cookie"), std::string::npos);
  EXPECT_NE(bytes.find("Location: /a  Set-Cookie: x  <html>\r\n"), std::string::npos);
}

TEST(Headers, AreFoundInAnyCase) {
  Request request{.headers = {{"X-Auth-Token", "t"}, {"x-auth-token", "second"}}};
  EXPECT_EQ(request.header("x-AUTH-token"), "t");
  EXPECT_EQ(request.header("absent"), "");
}

TEST(Reason, OfEveryStatus) {
  EXPECT_EQ(reason_of(300), "Multiple Choices");
  EXPECT_EQ(reason_of(409), "Conflict");
  EXPECT_EQ(reason_of(799), "Unknown");
}

}  // namespace
}  // namespace kilonova::http
