#include "compute-node/core/image_cache.h"

#include "tests/unit/compute-node/compute_world.h"

namespace kilonova::testing {
namespace {

TEST(ImageCache, OneDownloadAtATimeOfAnImageOnAHost) {
  VirtualLoop loop;
  compute::ImageCache cache(loop, 2, 8);
  EXPECT_FALSE(cache.use(0, uuid_of(1)));
  auto first = cache.begin(0, uuid_of(1));
  EXPECT_TRUE(static_cast<bool>(first));
  EXPECT_FALSE(static_cast<bool>(cache.begin(0, uuid_of(1))));
  EXPECT_TRUE(static_cast<bool>(cache.begin(0, uuid_of(2))));
  EXPECT_TRUE(static_cast<bool>(cache.begin(1, uuid_of(1))));
  EXPECT_EQ(cache.downloads(), 1U);  // the two temporaries were given up
  first.finish();
  EXPECT_EQ(cache.downloads(), 0U);
  EXPECT_TRUE(cache.use(0, uuid_of(1)));
  EXPECT_FALSE(cache.use(1, uuid_of(1)));
}

TEST(ImageCache, TheLeastRecentlyUsedGoesFirst) {
  VirtualLoop loop;
  compute::ImageCache cache(loop, 1, 2);
  for (uint64_t image : {1, 2}) cache.begin(0, uuid_of(image)).finish();
  EXPECT_TRUE(cache.use(0, uuid_of(1)));
  cache.begin(0, uuid_of(3)).finish();
  EXPECT_FALSE(cache.use(0, uuid_of(2)));
  EXPECT_TRUE(cache.use(0, uuid_of(1)));
  EXPECT_TRUE(cache.use(0, uuid_of(3)));
  EXPECT_EQ(cache.cached(0), 2U);
}

TEST(ImageCache, ACacheOfNoImagesKeepsNone) {
  VirtualLoop loop;
  compute::ImageCache cache(loop, 1, 0);
  cache.begin(0, uuid_of(1)).finish();
  EXPECT_FALSE(cache.use(0, uuid_of(1)));
  EXPECT_EQ(cache.downloads(), 0U);
}

TEST(ImageCache, WhatIsCachedAheadIsNotDownloadedByABuild) {
  ComputeWorld world("image_bandwidth = 1\n");
  world.connect_all();
  const ImageRef image = ComputeWorld::cast_of(1, 1).spec.image;  // a MiB: a second
  world.deliver(kController, CacheImages{{"c0", "nobody"}, {image}});
  EXPECT_EQ(world.core->counters().image_downloads, 1U);
  world.run(seconds(2));
  EXPECT_EQ(world.core->counters().image_downloads, 0U);
  for (const char* host : {"c0", "c1"}) {
    world.cast(host == std::string("c0") ? 1 : 2, 1, host);
    world.answer_allocations();
    world.run(milliseconds(500));
    EXPECT_EQ(world.core->counters().image_downloads, host == std::string("c0") ? 0U : 1U) << host;
  }
}

}  // namespace
}  // namespace kilonova::testing
