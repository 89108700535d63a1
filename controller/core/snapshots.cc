#include "controller/core/snapshots.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace kilonova::controller {
namespace {

constexpr std::string_view kActive = "active";

std::string_view property(const Image& image, std::string_view key) {
  auto item = std::ranges::find(image.properties, key, &MetadataItem::key);
  return item == image.properties.end() ? std::string_view() : std::string_view(item->value);
}

bool is_backup(const Image& image) { return property(image, "image_type") == "backup"; }

}  // namespace

bool is_snapshot(TaskState task) {
  switch (task) {
    case TaskState::kImageSnapshotPending:
    case TaskState::kImageSnapshot:
    case TaskState::kImagePendingUpload:
    case TaskState::kImageUploading:
    case TaskState::kImageBackup:
    case TaskState::kShelving:
    case TaskState::kShelvingImagePendingUpload:
    case TaskState::kShelvingImageUploading: return true;
    default: return false;
  }
}

Task<KeyedLock<std::string>::Guard> lock_images_of(ControllerWorld& world, Uuid server) {
  const Instance* row = world.instances.find(server);
  if (row == nullptr || (!is_snapshot(row->task_state) && row->shelved_image.is_nil()))
    co_return KeyedLock<std::string>::Guard();
  co_return co_await world.record_locks.acquire(std::string(kImageLock));
}

void SnapshotChanges::begin(Image image) { put_.push_back(std::move(image)); }

void SnapshotChanges::forget(const Uuid& image) {
  if (!image.is_nil()) erased_.push_back(image);
}

void SnapshotChanges::finish(const Uuid& server, bool succeeded) {
  for (const auto& [id, image] : records_.of<Image>()) {
    if (image.server != server || image.status == kActive) continue;
    if (!succeeded) {
      erased_.push_back(id);
      continue;
    }
    Image& made = put_.emplace_back(image);
    made.status = kActive;
    made.revision += 1;
    made.updated_at = now_;
    if (is_backup(image)) rotate(image);
  }
}

// Nova: nova/compute/manager.py _rotate_backups.
void SnapshotChanges::rotate(const Image& newest) {
  std::vector<const Image*> backups{&newest};
  for (const auto& [id, image] : records_.of<Image>())
    if (image.server == newest.server && image.status == kActive && is_backup(image) &&
        property(image, "backup_type") == property(newest, "backup_type"))
      backups.push_back(&image);
  std::ranges::sort(backups.begin() + 1, backups.end(), [](const Image* a, const Image* b) {
    return std::tie(b->created_at, b->id) < std::tie(a->created_at, a->id);
  });
  const auto kept = static_cast<size_t>(std::max<int64_t>(newest.rotation, 0));
  for (size_t i = kept; i < backups.size(); ++i) {
    erased_.push_back(backups[i]->id);
    std::erase_if(put_, [&](const Image& image) { return image.id == backups[i]->id; });
  }
}

void SnapshotChanges::put(Transaction& transaction) const {
  for (const Image& image : put_) transaction.push_back(mutation::Put<Image>{image});
  for (const Uuid& id : erased_) transaction.push_back(mutation::Erase<Image>{id});
}

void SnapshotChanges::apply() {
  auto& table = records_.of<Image>();
  for (Image& image : put_) {
    const Uuid id = image.id;
    table[id] = std::move(image);
  }
  for (const Uuid& id : erased_) table.erase(id);
}

}  // namespace kilonova::controller
