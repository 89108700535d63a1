// Images that are being made of servers: the row is there from the beginning, `queued`, and becomes active with the last
// stage of the action, or goes when that fails. Loop thread only; the caller holds the server's lock and that of images.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "controller/core/controller_world.h"
#include "domain/nouns/image.h"
#include "domain/states.h"
#include "ports/controller_store.h"
#include "runtime/keyed_lock.h"
#include "runtime/task.h"

namespace kilonova::controller {

// Of the record locks: held from reading an image until its change is committed.
inline constexpr std::string_view kImageLock = "image";

// Whether an image is being made while this is under way.
bool is_snapshot(TaskState task);

// The lock of images while one is being made of this server, or is kept for it, else one that holds nothing. The caller has the server's
// lock, and looks for its row again.
Task<KeyedLock<std::string>::Guard> lock_images_of(ControllerWorld& world, Uuid server);

// Changes of images that belong to one transaction: put() into it, and apply() once it is committed.
class SnapshotChanges {
 public:
  SnapshotChanges(RecordTables& records, WallTime now) : records_(records), now_(now) {}

  void begin(Image image);
  // One that nobody needs any more; nothing happens for nil.
  void forget(const Uuid& image);
  // The one that was being made of this server, if it is still there, is active, and what is one backup too many goes;
  // or it is no more.
  void finish(const Uuid& server, bool succeeded);

  void put(Transaction& transaction) const;
  void apply();

 private:
  void rotate(const Image& newest);

  RecordTables& records_;
  WallTime now_;
  std::vector<Image> put_;
  std::vector<Uuid> erased_;
};

}  // namespace kilonova::controller
