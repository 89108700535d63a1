#include "compute-node/core/image_cache.h"

#include <algorithm>

namespace kilonova::compute {

void ImageCache::Download::finish() {
  std::vector<Uuid>& images = cache_->images_[key_.host];
  if (cache_->max_images_ > 0) {
    if (images.size() >= cache_->max_images_) images.erase(images.begin());
    images.push_back(key_.image);
  }
  std::exchange(cache_, nullptr)->end(key_);
}

bool ImageCache::use(uint32_t host, const Uuid& image) {
  std::vector<Uuid>& images = images_[host];
  auto found = std::find(images.begin(), images.end(), image);
  if (found == images.end()) return false;
  std::rotate(found, found + 1, images.end());
  return true;
}

ImageCache::Download ImageCache::begin(uint32_t host, const Uuid& image) {
  HostImage key{host, image};
  if (downloading_.contains(key)) return Download(nullptr, key);
  downloading_.insert(key, std::make_shared<Event>(loop_));
  return Download(this, key);
}

Task<void> ImageCache::wait(uint32_t host, Uuid image) {
  const std::shared_ptr<Event>* found = downloading_.find(HostImage{host, image});
  if (found == nullptr) co_return;
  std::shared_ptr<Event> ended = *found;
  co_await ended->wait();
}

void ImageCache::end(const HostImage& key) {
  std::shared_ptr<Event> ended = *downloading_.find(key);
  downloading_.erase(key);
  ended->set();
}

}  // namespace kilonova::compute
