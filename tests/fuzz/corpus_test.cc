// Every seed once, without libFuzzer: a seed that found something stays mended, and none of them rots.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/fuzz.h"

namespace kilonova::fuzz {
namespace {

class Corpus : public ::testing::TestWithParam<Target> {};

TEST_P(Corpus, EverySeed) {
  std::filesystem::path directory("tests/fuzz/corpus");
  size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory / GetParam().name)) {
    SCOPED_TRACE(entry.path());
    std::ifstream in(entry.path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    ASSERT_TRUE(in.good() || in.eof());
    GetParam().run(bytes);
    // Cut anywhere, as a connection or a full disk does.
    for (size_t cut = 0; cut < std::min<size_t>(bytes.size(), 64); ++cut)
      GetParam().run(bytes.substr(0, bytes.size() * cut / 64));
    ++seeds;
  }
  EXPECT_GT(seeds, 0u) << "a target needs seeds";
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus, ::testing::ValuesIn(targets()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Targets, EveryCorpusHasOne) {
  for (const auto& entry : std::filesystem::directory_iterator("tests/fuzz/corpus")) {
    auto named = [&](const Target& target) { return entry.path().filename() == target.name; };
    EXPECT_TRUE(std::ranges::any_of(targets(), named)) << entry.path();
  }
}

}  // namespace
}  // namespace kilonova::fuzz
