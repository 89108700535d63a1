// Where the bytes of images are kept, as the HTTP front sees it. Loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "http/body.h"
#include "runtime/task.h"

namespace kilonova::api {

// What is known of bytes that were taken whole; digests in lower-case hexadecimal.
struct ImageBytes {
  uint64_t size = 0;
  std::string md5;
  std::string sha512;
};

// Bytes that are coming. What is not kept is gone with it.
class ImageUpload : public http::BodySink {};

class ImageFiles {
 public:
  virtual ~ImageFiles() = default;

  virtual std::shared_ptr<ImageUpload> begin() = 0;
  // What came is the image's file from now on, in the place of an older one, and outlives the machine's power. Errors:
  // kResourceExhausted for a full disk, kUnavailable for what else the system says; then nothing has changed.
  virtual Task<Expected<ImageBytes>> keep(std::shared_ptr<ImageUpload> upload, Uuid image) = 0;
  // `length` bytes of the image's file, from `offset` on. kNotFound where there is no such file.
  virtual Task<Expected<std::shared_ptr<http::BodySource>>> open(Uuid image, uint64_t offset, uint64_t length) = 0;
  // Done also where there is none.
  virtual Task<void> remove(Uuid image) = 0;
  // Of which images there is a file.
  virtual Task<std::vector<Uuid>> kept() = 0;
};

}  // namespace kilonova::api
