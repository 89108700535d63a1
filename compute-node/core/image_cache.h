// ImageCache: which images each host has on disk, and who is downloading one. Records ids only. It is nova-compute's
// knowledge: a restarted process downloads anew.
//
// Loop thread only. Use: while (!cache.use(host, image)) { if (auto download = cache.begin(host, image)) { co_await the
// transfer; download.finish(); } else co_await cache.wait(host, image); }
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/hash_map.h"
#include "base/ids.h"
#include "runtime/event.h"
#include "runtime/loop.h"
#include "runtime/task.h"

namespace kilonova::compute {

struct HostImage {
  uint32_t host = 0;
  Uuid image;
  bool operator==(const HostImage&) const = default;
};

struct HostImageHash {
  size_t operator()(const HostImage& key) const noexcept {
    return std::hash<Uuid>{}(key.image) ^ (static_cast<size_t>(key.host) * 0x9e3779b97f4a7c15ULL);
  }
};

class ImageCache {
 public:
  // The right to download one image to one host, held by one build at a time. Dying unfinished hands it on.
  class [[nodiscard]] Download {
   public:
    Download(Download&& other) noexcept : cache_(std::exchange(other.cache_, nullptr)), key_(other.key_) {}
    Download& operator=(Download&&) = delete;
    ~Download() {
      if (cache_ != nullptr) cache_->end(key_);
    }
    explicit operator bool() const { return cache_ != nullptr; }
    // The image is on the host's disk now.
    void finish();

   private:
    friend class ImageCache;
    Download(ImageCache* cache, HostImage key) : cache_(cache), key_(key) {}
    ImageCache* cache_;
    HostImage key_;
  };

  ImageCache(Loop& loop, size_t hosts, uint32_t max_images) : loop_(loop), images_(hosts), max_images_(max_images) {}
  ImageCache(const ImageCache&) = delete;
  ImageCache& operator=(const ImageCache&) = delete;

  // True when the host has the image, which then counts as the most recently used.
  bool use(uint32_t host, const Uuid& image);
  // Empty when another build is downloading it.
  Download begin(uint32_t host, const Uuid& image);
  // Until that download ended, for better or worse.
  Task<void> wait(uint32_t host, Uuid image);

  size_t downloads() const { return downloading_.size(); }
  size_t cached(uint32_t host) const { return images_[host].size(); }

 private:
  void end(const HostImage& key);

  Loop& loop_;
  std::vector<std::vector<Uuid>> images_;  // of each host, the least recently used first
  uint32_t max_images_;
  // Shared with those who wait, so that the event outlives the download it tells the end of.
  HashMap<HostImage, std::shared_ptr<Event>, HostImageHash> downloading_;
};

}  // namespace kilonova::compute
