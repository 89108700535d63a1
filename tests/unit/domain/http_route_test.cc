// Routes of HTTP as fault rules name them.
#include "domain/http_route.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kilonova {
namespace {

using Path = std::vector<std::string>;

TEST(HttpRoute, MatchesPartByPart) {
  const Path servers{"compute", "v2.1", "servers"}, action{"compute", "v2.1", "servers", "4711", "action"};
  struct Case {
    std::string route;
    std::string method;
    Path path;
    bool matches;
  };
  for (const Case& c :
       {Case{"POST /compute/v2.1/servers", "POST", servers, true},
        Case{"POST /compute/v2.1/servers/", "POST", servers, true},
        Case{"POST /compute/v2.1/servers", "GET", servers, false},
        Case{"* /compute/v2.1/servers", "GET", servers, true},
        Case{"POST /compute/v2.1/servers", "POST", action, false},
        Case{"POST /compute/v2.1/servers/{server}/action", "POST", action, true},
        Case{"POST /compute/v2.1/servers/{server}", "POST", action, false},
        Case{"POST /compute/v2.1/servers/*", "POST", action, true},
        Case{"POST /compute/v2.1/servers/*", "POST", servers, true}, Case{"* /compute/*", "GET", {"compute"}, true},
        Case{"POST /ec2", "POST", {"ec2"}, true}, Case{"* /services/Cloud", "GET", {"services", "Cloud"}, true},
        Case{"* /compute/*", "GET", {"identity", "v3"}, false}, Case{"* /*", "GET", {"identity", "v3"}, true}})
    EXPECT_EQ(http_route_matches(c.route, c.method, c.path), c.matches) << c.route << " on " << c.method;
}

TEST(HttpRoute, IsRefusedWithWhatWouldBeRight) {
  for (const char* right : {"POST /compute/v2.1/servers", "* /*", "GET /image/v2/images/{image}/file", "* /identity/*"})
    EXPECT_TRUE(check_http_route(right).has_value()) << right;
  for (const auto& [wrong, says] :
       {std::pair("/compute/v2.1/servers", "a method and a path"), std::pair("POST compute", "a method and a path"),
        std::pair("FETCH /compute/v2.1", "'FETCH' must be GET"),
        std::pair("GET /volume/v3", "must begin with /compute"),
        std::pair("GET /compute/*/servers", "as its last part alone"),
        std::pair("GET /compute/v2*", "as its last part alone"),
        std::pair("GET /compute/servers?limit=1", "a query is not looked at")}) {
    auto checked = check_http_route(wrong);
    ASSERT_FALSE(checked.has_value()) << wrong;
    EXPECT_NE(checked.error().message.find(says), std::string::npos) << checked.error().message;
  }
}

}  // namespace
}  // namespace kilonova
