// Files of `kilonova play`.
#include "domain/outside_events.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace kilonova {
namespace {

TEST(OutsideEvents, AreReadAndSortedByTime) {
  auto events = parse_outside_events(
      "# what happens\n"
      "at 1m host host-7 down for 60s\n"
      "\n"
      "at 30s delete server web-2   # the second\n"
      "at 0 reboot-hard server web-1\n"
      "at 500ms server web-3 to ERROR, after 20s ACTIVE, after 1s error\r\n"
      "at 2h host host-8 up",
      "life.play");
  ASSERT_TRUE(events.has_value()) << events.error().message;
  std::string said;
  for (const OutsideEvent& event : *events)
    said += std::to_string(event.at.us / 1000) + " " + to_string(event) + " :" + std::to_string(event.line) + "\n";
  EXPECT_EQ(said,
            "0 reboot-hard server web-1 :5\n"
            "500 server web-3 to ERROR :6\n"
            "20500 server web-3 to ACTIVE :6\n"
            "21500 server web-3 to ERROR :6\n"
            "30000 delete server web-2 :4\n"
            "60000 host host-7 down :2\n"
            "120000 host host-7 up :2\n"
            "7200000 host host-8 up :7\n");
}

TEST(OutsideEvents, EachWrongLineIsNamed) {
  auto events = parse_outside_events("at 1s delete server a\nat soon delete server b\nat 2s fly server c\n", "x.play");
  ASSERT_FALSE(events.has_value());
  EXPECT_EQ(events.error().message.find("x.play:2: 'soon' is no time: say a whole number with ms, s, m or h"), 0u)
      << events.error().message;
  EXPECT_NE(events.error().message.find("\nx.play:3: 'fly' is nothing that happens to a server or a host"),
            std::string::npos)
      << events.error().message;
}

TEST(OutsideEvents, SaysWhatWouldBeRight) {
  for (const auto& [line, says] :
       {std::pair("delete server a", "'delete' is not how a line begins"), std::pair("at", "'' is no time"),
        std::pair("at 25h host h up", "up to one day"), std::pair("at 1.5s host h up", "'1.5s' is no time"),
        std::pair("at -1s host h up", "is no time"), std::pair("at 1s", "'' is nothing that happens"),
        std::pair("at 1s delete web-2", "delete must be followed by server and a name, not by 'web-2'"),
        std::pair("at 1s delete server", "the name of the server is missing"),
        std::pair("at 1s delete server a b", "'b' is too much"),
        std::pair("at 1s resize server a", "'resize' is nothing that happens"),
        std::pair("at 1s server a to SHUTOFF", "'SHUTOFF' is no state"),
        std::pair("at 1s server a ERROR", "'ERROR' must stand as 'to STATE'"),
        std::pair("at 1s server a to ERROR, 20s ACTIVE", "'20s' must stand as ', after TIME STATE'"),
        std::pair("at 1s host h broken", "'broken' is nothing that becomes of a host: say down or up"),
        std::pair("at 1s host h down for ever", "'ever' is no time")}) {
    auto events = parse_outside_line(line, 1);
    ASSERT_FALSE(events.has_value()) << line;
    EXPECT_EQ(events.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(events.error().message.find(says), std::string::npos) << line << ": " << events.error().message;
  }
}

}  // namespace
}  // namespace kilonova
