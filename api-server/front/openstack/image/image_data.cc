// Glance: an image's bytes: upload, download with ranges, staging and import, deactivation.
#include "api-server/front/openstack/image/image_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "api-server/front/openstack/image/image_record.h"
#include "api-server/front/openstack/image/routes.h"
#include "api-server/front/openstack/records.h"
#include "api-server/front/openstack/times.h"
#include "api-server/images/image_files.h"

namespace kilonova::api::openstack {
namespace {

constexpr std::string_view kTaskKind = "image_task";

// ---- upload

// The image may take bytes: 400, 409, 415, 503.
Checked check_upload(const Call& call, const Image& image) {
  if (call.image_files == nullptr) return refused(503, "This api-server keeps no images.");
  std::string_view type = call.request.header("Content-Type");
  if (type.substr(0, type.find(';')) != kOctets)
    return refused(415, fmt::format("The media type '{}' is not supported: it must be {}", type, kOctets));
  if (image.status != "queued")
    return refused(409, fmt::format("Image {} is in status {}: only a queued image takes bytes", to_string(image.id),
                                    image.status));
  return {};
}

Checked check_formats(const Image& image, unsigned status) {
  Json view = image_view(image);
  if (view["disk_format"].is_null() || view["container_format"].is_null())
    return refused(status, "Properties disk_format, container_format must be set prior to saving data.");
  return {};
}

Refusal refusal_of_storage(const Error& error) {
  if (error.code == ErrorCode::kResourceExhausted) return {413, "Image storage media is full: " + error.message};
  return {503, error.message};
}

// What a request without a single byte leaves is a file too.
std::shared_ptr<ImageUpload> upload_of(Call& call) {
  auto upload = std::dynamic_pointer_cast<ImageUpload>(call.request.sink);
  return upload ? upload : call.image_files->begin();
}

// A raw disk is as large as its file; of other formats it is not looked up.
void set_bytes(Image& image, const ImageBytes& bytes) {
  image.size_bytes = bytes.size;
  Json details = details_of(image);
  details["checksum"] = bytes.md5;
  details["os_hash_value"] = bytes.sha512;
  if (image.disk_format == "raw" || image.disk_format == "iso") details["virtual_size"] = bytes.size;
  set_details(image, details);
}

// Takes what came, and says in the image's record that it is there. Of two uploads at once the slower one finds a newer
// record, and touches no file.
Task<Answered> take_bytes(Call& call, std::string status) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (Checked fine = check_upload(call, *image); !fine) co_return std::unexpected(std::move(fine.error()));
  if (status == "active")
    if (Checked formed = check_formats(*image, 400); !formed) co_return std::unexpected(std::move(formed.error()));
  image->status = "saving";
  auto saving = co_await put_image(call, std::move(*image));
  if (!saving) co_return std::unexpected(std::move(saving.error()));
  Image next = std::move(*saving);
  auto bytes = co_await call.image_files->keep(upload_of(call), next.id);
  next.status = bytes ? status : "queued";
  if (bytes) set_bytes(next, *bytes);
  auto stored = co_await put_image(call, std::move(next));
  if (!bytes) co_return std::unexpected(refusal_of_storage(bytes.error()));
  if (!stored && stored.error().status == 404) co_return refused(410, "The image was deleted during its upload.");
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> upload(Call& call) { return take_bytes(call, "active"); }
Task<Answered> stage(Call& call) { return take_bytes(call, "uploading"); }

// ---- download

// Of an image that was never uploaded: a simulated disk, which is empty.
class Zeros final : public http::BodySource {
 public:
  explicit Zeros(uint64_t bytes) : left_(bytes) {}
  Task<Expected<std::string>> read(size_t most) override {
    size_t bytes = std::min<uint64_t>(most, left_);
    left_ -= bytes;
    co_return std::string(bytes, '\0');
  }

 private:
  uint64_t left_;
};

struct Range {
  uint64_t from = 0;
  uint64_t bytes = 0;
};

std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// RFC 9110 section 14: one range of bytes.
std::expected<Range, Refusal> read_range(std::string_view text, uint64_t size) {
  auto bad = refused(416, fmt::format("Invalid byte range: '{}' of an image of {} bytes", text, size));
  if (!text.starts_with("bytes=")) return bad;
  std::string_view range = text.substr(6);
  if (range.find(',') != std::string_view::npos)
    return refused(400, "Requests with multiple ranges are not supported.");
  size_t dash = range.find('-');
  if (dash == std::string_view::npos) return bad;
  std::optional<uint64_t> from = number_of(range.substr(0, dash));
  std::optional<uint64_t> to = number_of(range.substr(dash + 1));
  if (dash == 0) {
    if (!to || *to == 0 || size == 0) return bad;
    uint64_t bytes = std::min(*to, size);
    return Range{size - bytes, bytes};
  }
  if (!from || *from >= size || (dash + 1 < range.size() && !to) || (to && *to < *from)) return bad;
  uint64_t last = to ? std::min(*to, size - 1) : size - 1;
  return Range{*from, last - *from + 1};
}

Task<Answered> download(Call& call) {
  auto image = co_await find_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (image->status == "deactivated" && !call.is_admin())
    co_return refused(403, "The requested image has been deactivated. Image data download is forbidden.");
  if (image->status != "active" && image->status != "deactivated") co_return Answer{204, nullptr};
  Json details = details_of(*image);
  Range range{0, image->size_bytes};
  Answer answer{200, nullptr};
  if (std::string_view asked = call.request.header("Range"); !asked.empty()) {
    auto read = read_range(asked, image->size_bytes);
    if (!read) co_return std::unexpected(std::move(read.error()));
    range = *read;
    answer.status = 206;
    answer.headers.emplace_back(
        "Content-Range", fmt::format("bytes {}-{}/{}", range.from, range.from + range.bytes - 1, image->size_bytes));
  }
  std::string checksum = text_at(details, "checksum");
  answer.headers.emplace_back("Content-Type", std::string(kOctets));
  if (!checksum.empty() && answer.status == 200) answer.headers.emplace_back("Content-MD5", checksum);
  answer.stream_bytes = range.bytes;
  if (checksum.empty()) {
    answer.stream = std::make_shared<Zeros>(range.bytes);
    co_return answer;
  }
  if (call.image_files == nullptr) co_return refused(503, "This api-server keeps no images.");
  auto source = co_await call.image_files->open(image->id, range.from, range.bytes);
  if (!source)
    co_return refused(404, fmt::format("The bytes of image {} are not on this machine.", to_string(image->id)));
  answer.stream = std::move(*source);
  co_return answer;
}

// ---- import

Task<Answered> info_import(Call&) {
  co_return Answer{200,
                   {{"import-methods",
                     {{"description", "Import methods available."}, {"type", "array"}, {"value", {"glance-direct"}}}}}};
}

Checked check_import(const Call& call, const Image& image) {
  std::string method;
  if (const Json* name = member_at(call.body, {"method", "name"}); name != nullptr && name->is_string())
    method = name->get<std::string>();
  if (method.empty()) return refused(400, "Import request requires a 'method' with a 'name'.");
  if (method != "glance-direct")
    return refused(400, fmt::format("Unknown import method name '{}': it must be glance-direct", method));
  for (const char* key : {"all_stores", "all_stores_must_succeed"})
    if (const Json* value = member(call.body, key); value != nullptr && !value->is_boolean())
      return refused(400, fmt::format("'{}' must be true or false, and is {}", key, python_repr(*value)));
  if (image.status != "uploading")
    return refused(409,
                   fmt::format("Only images with status 'uploading' can be imported by glance-direct; this one is {}",
                               image.status));
  return check_formats(image, 409);
}

// What glance's table of tasks has; its times have no zone.
Json task_of(const StoredObject& task, bool is_short) {
  Json created = time_without_zone(task.created_at);
  Json view{{"id", task.id}, {"type", "api_image_import"}, {"status", "success"}, {"owner", task.owner}};
  if (!is_short) {
    view["image_id"] = task.body["image_id"];
    view["input"] = {{"import_req", task.body["import_req"]}, {"backend", Json::array({nullptr})}};
    view["result"] = nullptr;
    view["message"] = "";
    view["request_id"] = task.body["request_id"];
    view["user_id"] = task.body["user_id"];
  }
  view["created_at"] = created;
  view["updated_at"] = created;
  view["expires_at"] = time_without_zone(task.created_at + seconds(48 * 3600));
  return view;
}

Task<Answered> import(Call& call) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (Checked fine = check_import(call, *image); !fine) co_return std::unexpected(std::move(fine.error()));
  StoredObject task{.id = new_dashed_id(call), .owner = to_hex(image->owner)};
  task.body = {{"image_id", to_string(image->id)},
               {"import_req", call.body},
               {"request_id", "req-" + to_string(call.meta.trace.request_id)},
               {"user_id", to_hex(call.caller.user_id)}};
  image->status = "active";
  put_item(image->properties, {"os_glance_failed_import", ""});
  put_item(image->properties, {"os_glance_importing_to_stores", ""});
  auto stored = co_await put_image(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  auto recorded = co_await put_object(call, kTaskKind, std::move(task));
  if (!recorded) co_return std::unexpected(std::move(recorded.error()));
  co_return Answer{202, nullptr};
}

Task<Answered> tasks_of_image(Call& call) {
  auto image = co_await find_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  auto tasks = co_await all_objects(call, kTaskKind);
  if (!tasks) co_return std::unexpected(std::move(tasks.error()));
  Json list = Json::array();
  for (const StoredObject& task : *tasks)
    if (task.body["image_id"] == to_string(image->id)) list.push_back(task_of(task, false));
  co_return Answer{200, {{"tasks", std::move(list)}}};
}

Json with_links(Json view) {
  view["self"] = "/v2/tasks/" + text_at(view, "id");
  view["schema"] = "/v2/schemas/task";
  return view;
}

Task<Answered> list_tasks(Call& call) {
  auto tasks = co_await all_objects(call, kTaskKind);
  if (!tasks) co_return std::unexpected(std::move(tasks.error()));
  Json list = Json::array();
  for (const StoredObject& task : *tasks) list.push_back(with_links(task_of(task, true)));
  co_return Answer{200, {{"tasks", std::move(list)}, {"first", "/v2/tasks"}, {"schema", "/v2/schemas/tasks"}}};
}

Task<Answered> show_task(Call& call) {
  auto task = co_await find_object(call, kTaskKind, call.in_path("task"));
  if (!task) co_return std::unexpected(std::move(task.error()));
  if (!*task) co_return refused(404, fmt::format("No task found with ID {}", call.in_path("task")));
  co_return Answer{200, with_links(task_of(**task, false))};
}

// ---- deactivation

Task<Answered> change_status(Call& call, std::string_view from, std::string_view to) {
  auto image = co_await find_own_image(call);
  if (!image) co_return std::unexpected(std::move(image.error()));
  if (image->status == to) co_return Answer{204, nullptr};
  if (image->status != from)
    co_return refused(403, fmt::format("Not allowed to make an image {} that is in status {}", to, image->status));
  image->status = to;
  auto stored = co_await put_image(call, std::move(*image));
  if (!stored) co_return std::unexpected(std::move(stored.error()));
  co_return Answer{204, nullptr};
}

Task<Answered> deactivate(Call& call) { return change_status(call, "active", "deactivated"); }
Task<Answered> reactivate(Call& call) { return change_status(call, "deactivated", "active"); }

// Of one store there is nothing to say.
Task<Answered> info_stores(Call&) { co_return refused(404, "Multi backend is not supported at this site."); }
Task<Answered> info_usage(Call&) { co_return Answer{200, {{"usage", Json::object()}}}; }

constexpr UserRole kReader = UserRole::kReader;
constexpr UserRole kMember = UserRole::kMember;
constexpr UserRole kAdmin = UserRole::kAdmin;

constexpr Route kRoutes[] = {
    {Service::kImage, "PUT", "/v2/images/{image}/file", kMember, "upload_image", &upload},
    {Service::kImage, "GET", "/v2/images/{image}/file", kReader, "download_image", &download},
    {Service::kImage, "PUT", "/v2/images/{image}/stage", kMember, "upload_image", &stage},
    {Service::kImage, "POST", "/v2/images/{image}/import", kMember, "modify_image", &import},
    {Service::kImage, "GET", "/v2/images/{image}/tasks", kReader, "get_image", &tasks_of_image},
    {Service::kImage, "POST", "/v2/images/{image}/actions/deactivate", kMember, "deactivate", &deactivate},
    {Service::kImage, "POST", "/v2/images/{image}/actions/reactivate", kMember, "reactivate", &reactivate},
    {Service::kImage, "GET", "/v2/info/import", kReader, "get_image", &info_import},
    {Service::kImage, "GET", "/v2/info/stores", kReader, "get_image", &info_stores},
    {Service::kImage, "GET", "/v2/info/stores/detail", kAdmin, "stores_info_detail", &info_stores},
    {Service::kImage, "GET", "/v2/info/usage", kReader, "get_image", &info_usage},
    {Service::kImage, "GET", "/v2/tasks", kAdmin, "tasks_api_access", &list_tasks},
    {Service::kImage, "GET", "/v2/tasks/{task}", kAdmin, "tasks_api_access", &show_task},
};

}  // namespace

bool takes_image_bytes(std::string_view method, std::span<const std::string> path) {
  return method == "PUT" && path.size() == 4 && path[0] == "v2" && path[1] == "images" &&
         (path[3] == "file" || path[3] == "stage");
}

std::span<const Route> image_data_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
