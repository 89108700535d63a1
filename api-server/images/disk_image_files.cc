#include "api-server/images/disk_image_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/check.h"

namespace kilonova::api {
namespace {

constexpr std::string_view kUnfinished = "upload-";

Error system_error(std::string_view what, const std::string& path, int number) {
  ErrorCode code = number == ENOSPC || number == EDQUOT ? ErrorCode::kResourceExhausted : ErrorCode::kUnavailable;
  return Error{code, fmt::format("{} {}: {}", what, path, std::strerror(number))};
}

constexpr uint64_t kMostKeptFree = 1ULL << 30;
constexpr uint64_t kKeptShare = 20;

// A file system that does not say how much room it has has enough.
bool has_room(int fd, uint64_t kept_free) {
  struct statvfs status{};
  return ::fstatvfs(fd, &status) != 0 || uint64_t{status.f_bavail} * status.f_frsize > kept_free;
}

class Digest {
 public:
  explicit Digest(const EVP_MD* kind) : context_(EVP_MD_CTX_new()) {
    KN_CHECK(context_ != nullptr && EVP_DigestInit_ex(context_, kind, nullptr) == 1, "OpenSSL has no such digest");
  }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  ~Digest() { EVP_MD_CTX_free(context_); }

  void add(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(context_, digest, &length);
    std::string text;
    for (unsigned i = 0; i < length; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  EVP_MD_CTX* context_;
};

// Of an upload, touched by the thread alone once it is made; unlinked unless it was kept.
struct UnfinishedFile {
  UnfinishedFile(std::string wanted, uint64_t keep_free) : path(std::move(wanted)), kept_free(keep_free) {}
  ~UnfinishedFile() {
    if (fd < 0) return;
    ::close(fd);
    ::unlink(path.c_str());
  }

  void write(std::string_view bytes) {
    if (error) return;
    if (fd < 0) fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
      error = system_error("cannot create", path, errno);
      return;
    }
    if (!bytes.empty() && !has_room(fd, kept_free)) {
      error = Error{ErrorCode::kResourceExhausted, "the rest of the disk is kept for the cloud's records"};
      return;
    }
    md5.add(bytes);
    sha512.add(bytes);
    size += bytes.size();
    while (!bytes.empty()) {
      ssize_t written = ::write(fd, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        error = system_error("cannot write", path, errno);
        return;
      }
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }

  void move_to(const std::string& target) {
    write("");  // that there is a file, also of no bytes
    if (error) return;
    if (::fsync(fd) != 0 || ::rename(path.c_str(), target.c_str()) != 0) {
      error = system_error("cannot keep", target, errno);
      return;
    }
    ::close(std::exchange(fd, -1));
  }

  std::string path;
  uint64_t kept_free;
  int fd = -1;
  uint64_t size = 0;
  Digest md5{EVP_md5()};
  Digest sha512{EVP_sha512()};
  std::optional<Error> error;
};

class DiskUpload final : public ImageUpload {
 public:
  DiskUpload(DiskImageFiles& files, std::string path, uint64_t kept_free)
      : files_(files), file(std::make_shared<UnfinishedFile>(std::move(path), kept_free)) {}
  Task<void> write(std::string bytes) override {
    return files_.on_thread([file = file, bytes = std::move(bytes)] { file->write(bytes); });
  }

 private:
  DiskImageFiles& files_;

 public:
  std::shared_ptr<UnfinishedFile> file;
};

struct OpenFile {
  ~OpenFile() {
    if (fd >= 0) ::close(fd);
  }
  int fd = -1;
  int error = 0;
  std::string bytes;  // read last
};

class DiskSource final : public http::BodySource {
 public:
  DiskSource(DiskImageFiles& files, std::shared_ptr<OpenFile> file, uint64_t offset, uint64_t length)
      : files_(files), file_(std::move(file)), at_(offset), left_(length) {}

  Task<Expected<std::string>> read(size_t most) override {
    size_t wanted = std::min<uint64_t>(most, left_);
    if (wanted == 0) co_return std::string();
    std::shared_ptr<OpenFile> file = file_;
    co_await files_.on_thread(reading(std::move(file), at_, wanted));
    std::string bytes = std::exchange(file_->bytes, {});
    if (file_->error != 0 || bytes.empty())
      co_return fail(ErrorCode::kUnavailable, "an image's file ended before its image did");
    at_ += bytes.size();
    left_ -= bytes.size();
    co_return bytes;
  }

 private:
  static std::function<void()> reading(std::shared_ptr<OpenFile> file, uint64_t at, size_t wanted) {
    return [file = std::move(file), at, wanted] {
      file->bytes.resize(wanted);
      ssize_t got = ::pread(file->fd, file->bytes.data(), wanted, static_cast<off_t>(at));
      file->error = got < 0 ? errno : 0;
      file->bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    };
  }

  DiskImageFiles& files_;
  std::shared_ptr<OpenFile> file_;
  uint64_t at_;
  uint64_t left_;
};

}  // namespace

uint64_t DiskImageFiles::kept_free(const std::string& directory) {
  struct statvfs status{};
  if (::statvfs(directory.c_str(), &status) != 0) return 0;
  return std::min(kMostKeptFree, uint64_t{status.f_blocks} * status.f_frsize / kKeptShare);
}

DiskImageFiles::DiskImageFiles(RealLoop& loop, std::string directory, uint64_t kept_free)
    : loop_(loop), directory_(std::move(directory)), kept_free_(kept_free), calls_(loop) {
  std::error_code ignored;  // what cannot be removed is only in the way of nothing
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored))
    if (entry.path().filename().string().starts_with(kUnfinished)) std::filesystem::remove(entry.path(), ignored);
}

std::string DiskImageFiles::path_of(const Uuid& image) const { return directory_ + "/" + to_string(image); }

Task<void> DiskImageFiles::on_thread(std::function<void()> job) {
  auto call = calls_.open();
  thread_.submit([this, id = call.id(), job = std::move(job)] {
    job();
    loop_.post_from_any_thread([this, id] { calls_.complete(id, true); });
  });
  co_await call.wait();
}

std::shared_ptr<ImageUpload> DiskImageFiles::begin() {
  return std::make_shared<DiskUpload>(*this, fmt::format("{}/{}{}-{}", directory_, kUnfinished, ::getpid(), ++uploads_),
                                      kept_free_);
}

Task<Expected<ImageBytes>> DiskImageFiles::keep(std::shared_ptr<ImageUpload> upload, Uuid image) {
  std::shared_ptr<UnfinishedFile> file = static_cast<DiskUpload&>(*upload).file;
  std::function<void()> job = [file, target = path_of(image)] { file->move_to(target); };
  co_await on_thread(std::move(job));
  if (file->error) co_return std::unexpected(*file->error);
  co_return ImageBytes{file->size, file->md5.hex(), file->sha512.hex()};
}

Task<Expected<std::shared_ptr<http::BodySource>>> DiskImageFiles::open(Uuid image, uint64_t offset, uint64_t length) {
  auto file = std::make_shared<OpenFile>();
  std::function<void()> job = [file, path = path_of(image)] {
    file->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  };
  co_await on_thread(std::move(job));
  if (file->fd < 0) co_return fail(ErrorCode::kNotFound, fmt::format("image {} has no file", to_string(image)));
  std::shared_ptr<http::BodySource> source = std::make_shared<DiskSource>(*this, std::move(file), offset, length);
  co_return source;
}

Task<void> DiskImageFiles::remove(Uuid image) {
  return on_thread([path = path_of(image)] { ::unlink(path.c_str()); });
}

Task<std::vector<Uuid>> DiskImageFiles::kept() {
  auto found = std::make_shared<std::vector<Uuid>>();
  std::function<void()> job = [found, directory = directory_] {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory, ignored))
      if (auto id = parse_uuid(entry.path().filename().string())) found->push_back(*id);
  };
  co_await on_thread(std::move(job));
  co_return std::move(*found);
}

}  // namespace kilonova::api
