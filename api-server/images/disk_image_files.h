// ImageFiles in a directory: a file an image, named by its id. A thread of its own reads, writes and hashes, so that no
// disk holds the loop up.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api-server/images/image_files.h"
#include "daemon/worker_pool.h"
#include "runtime/pending_calls.h"
#include "runtime/real_loop.h"

namespace kilonova::api {

// Loop thread only, or the one that prepares while no thread runs the loop, which it must be outlived by.
class DiskImageFiles final : public ImageFiles {
 public:
  // Bytes of the directory's file system that no upload takes: a GiB, and a twentieth of a small one. The daemons'
  // records are there too, and whoever may upload must not stop them all.
  static uint64_t kept_free(const std::string& directory);

  // The directory is there; what an earlier life left unfinished in it is removed.
  DiskImageFiles(RealLoop& loop, std::string directory, uint64_t kept_free);

  std::shared_ptr<ImageUpload> begin() override;
  Task<Expected<ImageBytes>> keep(std::shared_ptr<ImageUpload> upload, Uuid image) override;
  Task<Expected<std::shared_ptr<http::BodySource>>> open(Uuid image, uint64_t offset, uint64_t length) override;
  Task<void> remove(Uuid image) override;
  Task<std::vector<Uuid>> kept() override;

  // Runs the job on the thread; what it refers to must live until then, whatever becomes of the flow.
  Task<void> on_thread(std::function<void()> job);

 private:
  std::string path_of(const Uuid& image) const;

  RealLoop& loop_;
  std::string directory_;
  uint64_t kept_free_;
  uint64_t uploads_ = 0;
  PendingCalls<bool> calls_;
  WorkerPool thread_{1};  // last: its jobs post to calls_
};

}  // namespace kilonova::api
