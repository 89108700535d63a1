#include "base/keyed_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace kilonova {
namespace {

// Whatever is done to both, it holds what a std::map holds, in its order.
TEST(KeyedMap, IsAStdMapToWhoeverUsesIt) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    KeyedMap<std::pair<std::string, uint64_t>, int, PairHash> map;
    std::map<std::pair<std::string, uint64_t>, int> expected;
    for (int step = 0; step < 400; ++step) {
      std::pair key(std::to_string(random.below(6)), random.below(6));
      int value = static_cast<int>(random.below(1000));
      switch (random.below(7)) {
        case 0: EXPECT_EQ(map.try_emplace(key, value).second, expected.try_emplace(key, value).second); break;
        case 1: EXPECT_EQ(map.insert_or_assign(key, value).second, expected.insert_or_assign(key, value).second); break;
        case 2: EXPECT_EQ(map[key] += value, expected[key] += value); break;
        case 3: EXPECT_EQ(map.erase(key), expected.erase(key)); break;
        case 4:
          if (auto at = map.find(key); at != map.end()) {
            map.erase(at);
            expected.erase(key);
          }
          break;
        case 5: {
          auto odd = [](const auto& entry) { return entry.second % 2 == 1; };
          if (random.chance(0.1)) EXPECT_EQ(erase_if(map, odd), std::erase_if(expected, odd));
          break;
        }
        default:
          for (auto& entry : map) entry.second += 1;
          for (auto& entry : expected) entry.second += 1;
      }
      const auto& read = map;
      ASSERT_TRUE(std::equal(read.begin(), read.end(), expected.begin(), expected.end())) << "seed " << seed;
      ASSERT_TRUE(std::equal(read.upper_bound(key), read.end(), expected.upper_bound(key), expected.end()));
      ASSERT_EQ(map.size(), expected.size());
      ASSERT_EQ(map.contains(key), expected.contains(key));
      ASSERT_EQ(read.find(key) == read.end(), expected.find(key) == expected.end());
    }
    map.clear();
    EXPECT_TRUE(map.empty() && map.begin() == map.end());
  }
}

TEST(KeyedMap, ValuesStayWhereTheyAre) {
  KeyedMap<uint64_t, uint64_t> map;
  uint64_t* first = &map[7];
  for (uint64_t i = 100; i < 10'000; ++i) map[i] = i;
  for (uint64_t i = 100; i < 10'000; i += 2) map.erase(i);
  EXPECT_EQ(&map[7], first);
}

}  // namespace
}  // namespace kilonova
