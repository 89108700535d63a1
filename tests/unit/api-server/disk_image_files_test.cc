// Bytes of images on a disk: what was kept is read back, what was not leaves nothing, and the stores keep their room.
#include "api-server/images/disk_image_files.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>

#include "runtime/scope.h"

namespace kilonova::api {
namespace {

using Kept = std::optional<Expected<ImageBytes>>;
using Read = std::optional<Expected<std::string>>;

Task<void> upload(RealLoop* loop, DiskImageFiles* files, Uuid image, std::string bytes, Kept* kept) {
  std::shared_ptr<ImageUpload> one = files->begin();
  co_await one->write(std::move(bytes));
  *kept = co_await files->keep(std::move(one), image);
  loop->stop();
}

Task<void> download(RealLoop* loop, DiskImageFiles* files, Uuid image, uint64_t offset, uint64_t length, Read* read) {
  auto source = co_await files->open(image, offset, length);
  if (source) {
    *read = co_await (*source)->read(length);
  } else {
    *read = std::unexpected(source.error());
  }
  loop->stop();
}

class DiskImageFilesTest : public ::testing::Test {
 protected:
  DiskImageFilesTest() {
    std::string pattern = ::testing::TempDir() + "kilonova-images-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~DiskImageFilesTest() override { std::filesystem::remove_all(directory_); }

  Kept keep(DiskImageFiles& files, std::string bytes) {
    Kept kept;
    Scope scope(loop_);
    scope.spawn(upload(&loop_, &files, image_, std::move(bytes), &kept));
    loop_.run();
    return kept;
  }
  Read read(DiskImageFiles& files, uint64_t offset, uint64_t length) {
    Read bytes;
    Scope scope(loop_);
    scope.spawn(download(&loop_, &files, image_, offset, length, &bytes));
    loop_.run();
    return bytes;
  }
  size_t files_there() const {
    return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(directory_), {}));
  }

  std::string directory_;
  RealLoop loop_;
  Uuid image_ = *parse_uuid("00000000-0000-0000-0000-000000000001");
};

TEST_F(DiskImageFilesTest, WhatWasKeptIsReadBack) {
  DiskImageFiles files(loop_, directory_, 0);
  Kept kept = keep(files, "abc");
  ASSERT_TRUE(kept && kept->has_value());
  EXPECT_EQ((*kept)->size, 3u);
  EXPECT_EQ((*kept)->md5, "900150983cd24fb0d6963f7d28e17f72");  // RFC 1321, A.5
  Read bytes = read(files, 1, 2);
  ASSERT_TRUE(bytes && bytes->has_value());
  EXPECT_EQ(**bytes, "bc");
}

TEST_F(DiskImageFilesTest, TheStoresKeepTheirRoom) {
  {
    DiskImageFiles files(loop_, directory_, UINT64_MAX);  // more than any disk has
    Kept kept = keep(files, "abc");
    ASSERT_TRUE(kept && !kept->has_value());
    EXPECT_EQ(kept->error().code, ErrorCode::kResourceExhausted);
    EXPECT_EQ(kept->error().message, "the rest of the disk is kept for the cloud's records");
    Read bytes = read(files, 0, 3);
    ASSERT_TRUE(bytes && !bytes->has_value());
    EXPECT_EQ(bytes->error().code, ErrorCode::kNotFound);
  }
  EXPECT_EQ(files_there(), 0u);
  EXPECT_GT(DiskImageFiles::kept_free(directory_), 0u);
  EXPECT_LE(DiskImageFiles::kept_free(directory_), 1ULL << 30);
}

}  // namespace
}  // namespace kilonova::api
