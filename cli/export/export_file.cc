#include "cli/export/export_file.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <openssl/evp.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "cli/output/json_field.h"
#include "cli/output/print.h"
#include "daemon/base64.h"
#include "domain/form_rules.h"
#include "domain/nouns/flavor.h"
#include "domain/token_key.h"
#include "rpc/convert/codecs.h"
#include "rpc/convert/operations.h"

namespace kilonova::cli {
namespace {

constexpr int kDeepest = 64;

// The records whose JSON is that of a protobuf message (proto/kilonova/v1) beside those of StoredRecords: kind, list in the
// image, struct, message.
#define KN_EXPORT_RECORDS(X)                                                        \
  X("network", image.networks, Network, NetworkRecord)                              \
  X("network_details", image.network_details, NetworkDetails, NetworkDetailsRecord) \
  X("subnet", image.subnets, Subnet, SubnetRecord)                                  \
  X("port", image.ports, Port, PortRecord)                                          \
  X("instance", image.controller.instances, Instance, Instance)                     \
  X("allocation", image.controller.allocations, Allocation, AllocationBelief)       \
  X("event", image.events, WatchEvent, WatchEventRecord)

std::string sha256(std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned int i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// ---- writing

template <class Proto, class Domain>
std::string message_json(const Domain& record) {
  Proto message;
  rpc::encode(record, &message);
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);  // fails for no message of ours
  return json;
}

class Lines {
 public:
  void add(std::string_view kind, std::string_view json) {
    text_ += fmt::format("{{\"{}\":{}}}\n", kind, json);
    ++records_;
  }
  void add_value(std::string_view kind, const Json& json) {
    add(kind, json.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  std::string finish() && {
    Json end{{"records", records_}, {"sha256", sha256(text_)}};
    text_ += Json{{"end", end}}.dump() + "\n";
    return std::move(text_);
  }

 private:
  std::string text_;
  size_t records_ = 0;
};

template <class Row>
std::string record_json(const Row& row) {
  return message_json<typename rpc::RecordMessage<Row>::Type>(row);
}

std::string record_json(const Setting& setting) {
  return Json{{"key", setting.name}, {"value", to_base64(setting.value)}}.dump(-1, ' ', false,
                                                                               Json::error_handler_t::replace);
}

std::string record_json(const ClientToken& token) {
  Json instances = Json::array();
  for (const Uuid& instance : token.instances) instances.push_back(to_string(instance));
  return Json{{"project_id", to_string(token.project_id)},
              {"token", token.token},
              {"request_hash", to_string(token.request_hash)},
              {"instances", instances},
              {"created_at_us", token.created_at.us}}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

void add_others(const CloudImage& image, Lines& lines) {
  for (const LaunchRecordOf& record : image.launch_records) {
    std::string steps, decisions;
    for (const StepRecord& step : record.rows.steps)
      steps += (steps.empty() ? "" : ",") + message_json<v1::StepRecord>(step);
    for (const Decision& decision : record.rows.decisions)
      decisions += (decisions.empty() ? "" : ",") + message_json<v1::Decision>(decision);
    lines.add("launch_record", fmt::format("{{\"instance\":\"{}\",\"steps\":[{}],\"decisions\":[{}]}}",
                                           to_string(record.instance), steps, decisions));
  }
}

// ---- reading

std::unexpected<Error> wrong(std::string_view why) { return fail(ErrorCode::kDataLoss, std::string(why)); }

bool is_name(std::string_view field) {
  return field == "name" || field == "host" || field == "zone" || field == "hostname" || field == "key_name";
}

// What an import brings in must be sayable at every other door.
Expected<> check_names(const google::protobuf::Message& message) {
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *type.field(i);
    if (field.is_repeated() || field.type() != field.TYPE_STRING || !is_name(field.name())) continue;
    if (auto good = check_text(field.name(), message.GetReflection()->GetString(message, &field)); !good)
      return wrong(good.error().message);
  }
  return {};
}

template <class Proto, class Domain>
Expected<> read_message(const Json& json, Domain& record) {
  Proto message;
  auto parsed = google::protobuf::util::JsonStringToMessage(json.dump(), &message);
  if (!parsed.ok()) return wrong(std::string(parsed.message()));
  if (auto named = check_names(message); !named) return named;
  rpc::Decoder decoder;
  rpc::decode(message, &record, decoder);
  if (decoder.failed()) return wrong(decoder.error(Proto::descriptor()->name()).message);
  return {};
}

Uuid uuid_at(const Json& json, const char* field) {
  std::string text = json.at(field);
  auto uuid = parse_uuid(text);
  if (!uuid) throw std::invalid_argument(fmt::format("{} is '{}', not a uuid", field, text));
  return *uuid;
}

template <class Row>
Expected<> read_stored(const Json& json, Row& row) {
  return read_message<typename rpc::RecordMessage<Row>::Type>(json, row);
}

Expected<> read_stored(const Json& json, Setting& setting) {
  auto value = from_base64(json.at("value").get<std::string>());
  if (!value) return wrong("the setting's value is not base64");
  setting = {json.at("key"), *std::move(value)};
  return {};
}

Expected<> read_stored(const Json& json, ClientToken& token) {
  token.project_id = uuid_at(json, "project_id");
  token.token = json.at("token");
  token.request_hash = uuid_at(json, "request_hash");
  token.created_at = WallTime{integer_at<int64_t>(json, "created_at_us")};
  for (const std::string text : json.at("instances")) {
    auto uuid = parse_uuid(text);
    if (!uuid) return wrong(fmt::format("'{}' is not a uuid", text));
    token.instances.push_back(*uuid);
  }
  return {};
}

Expected<> read_launch_record(const Json& json, CloudImage& image) {
  LaunchRecordOf record{uuid_at(json, "instance"), {}};
  for (const Json& step : json.at("steps"))
    if (auto read = read_message<v1::StepRecord>(step, record.rows.steps.emplace_back()); !read) return read;
  for (const Json& decision : json.at("decisions"))
    if (auto read = read_message<v1::Decision>(decision, record.rows.decisions.emplace_back()); !read) return read;
  image.launch_records.push_back(std::move(record));
  return {};
}

Expected<> read_header(const Json& json, CloudImage& image) {
  int version = integer_at<int>(json, "version");
  if (version > kExportVersion)
    return fail(ErrorCode::kConflict,
                fmt::format("the file has version {} of the format; this kilonova knows up to {}: "
                            "use a newer one",
                            version, kExportVersion));
  if (version < 1) return wrong(fmt::format("the format has no version {}", version));
  image.controller.revision = integer_at<uint64_t>(json, "revision");
  image.controller.last_instance_id = integer_at<int64_t>(json, "last_instance_id");
  image.events_dropped_through = integer_at<uint64_t>(json, "events_dropped_through");
  return {};
}

Expected<> read_record(const std::string& kind, const Json& json, CloudImage& image) {
#define KN_READ(name, list, Domain, Proto) \
  if (kind == name) return read_message<v1::Proto>(json, list.emplace_back());
  KN_EXPORT_RECORDS(KN_READ)
#undef KN_READ
  if (kind == "launch_record") return read_launch_record(json, image);
  std::optional<Expected<>> read;
  for_each_type(StoredRecords{}, [&]<class Row>() {
    if (kind == Row::kRecord.kind) read = read_stored(json, image.controller.of<Row>().emplace_back());
  });
  if (read) return *std::move(read);
  return wrong(fmt::format("'{}' is no kind of record", kind));
}

// Writing and destroying a value goes as deep as it is nested, on the stack.
bool not_too_deep(int depth, Json::parse_event_t, const Json&) {
  if (depth > kDeepest) throw std::invalid_argument(fmt::format("it is nested more than {} deep", kDeepest));
  return true;
}

// A cloud that was started has a key that its tokens are signed with: without one no controller starts on it.
Expected<> check_token_key(const ControllerState& state) {
  if (state.of<Project>().empty()) return {};
  for (const Setting& setting : state.of<Setting>())
    if (setting.name == kTokenKeySetting && are_token_keys(setting.value)) return {};
  return wrong(fmt::format("no record is a 'setting' {} of {} bytes: the cloud could not sign its tokens",
                           kTokenKeySetting, kTokenKeyBytes));
}

// Half of what fits: no cloud gets there, and whoever counts on from it stays within.
constexpr uint64_t kMostNumber = uint64_t{1} << 62;

Expected<> check_number(std::string_view what, uint64_t number) {
  if (number <= kMostNumber) return {};
  return wrong(fmt::format("{} is {}; no cloud gets beyond {}", what, number, kMostNumber));
}

Expected<> check_flavor(const Flavor& flavor) {
  if (auto good = CreateFlavor{flavor}.check(); !good)
    return wrong(fmt::format("flavor '{}': {}", flavor.name, good.error().message));
  return {};
}

Expected<> check_server(const Instance& row, const std::set<Uuid>& projects) {
  auto of_server = [&](std::string_view why) { return wrong(fmt::format("server {}: {}", to_string(row.uuid), why)); };
  if (!projects.contains(row.spec.project_id))
    return of_server(fmt::format("its project {} is not among the projects", to_string(row.spec.project_id)));
  for (uint64_t number : {row.current.epoch, row.other ? row.other->epoch : 0, row.operation})
    if (auto good = check_number("an epoch or operation", number); !good) return of_server(good.error().message);
  if (row.current.epoch == 0) return of_server("its epoch is 0; the first one is 1");
  if (auto good = check_flavor(row.spec.flavor); !good) return of_server(good.error().message);
  bool is_up = row.vm_state == VmState::kActive || row.vm_state == VmState::kStopped ||
               row.vm_state == VmState::kPaused || row.vm_state == VmState::kSuspended;
  if (is_up && row.task_state != TaskState::kDeleting && row.current.addresses.empty())
    return of_server("it has no address");
  return {};
}

// What no daemon would have written, and none is asked to go on from.
Expected<> check_sense(const CloudImage& image) {
  const ControllerState& state = image.controller;
  if (auto good = check_number("the revision", state.revision); !good) return good;
  if (auto good = check_number("the last instance id", static_cast<uint64_t>(state.last_instance_id)); !good)
    return good;
  if (image.events_dropped_through > state.revision)
    return wrong(fmt::format("events are dropped through {}, but the revision is {}", image.events_dropped_through,
                             state.revision));
  for (const WatchEvent& event : image.events)
    if (event.revision > state.revision)
      return wrong(fmt::format("an event has revision {}, but the cloud's is {}", event.revision, state.revision));
  for (const Flavor& flavor : state.of<Flavor>())
    if (auto good = check_flavor(flavor); !good) return good;
  std::set<Uuid> projects;
  for (const Project& project : state.of<Project>()) projects.insert(project.id);
  for (const Instance& row : state.instances)
    if (auto good = check_server(row, projects); !good) return good;
  for (const Allocation& row : state.allocations)
    if (auto good = check_number("an allocation's epoch", row.epoch); !good) return good;
  return {};
}

// Line by line; what all lines must have in common.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Expected<CloudImage> read() {
    while (at_ < text_.size() && !ended_) {
      ++line_;
      size_t end = text_.find('\n', at_);
      if (end == std::string_view::npos) return wrong("the file is cut off in this line");
      if (auto read = read_line(text_.substr(at_, end - at_)); !read) return std::unexpected(read.error());
      at_ = end + 1;
    }
    if (!ended_) return wrong("the file is cut off behind this line: its end is missing");
    if (at_ != text_.size()) return wrong("the file goes on behind its end");
    return std::move(image_);
  }
  size_t line() const { return line_; }

 private:
  // What nlohmann throws for a field that is missing or of another type ends here.
  Expected<> read_line(std::string_view line) {
    try {
      Json json = Json::parse(line, not_too_deep);
      if (!json.is_object() || json.size() != 1) return wrong("it is not one object with one record");
      const std::string kind = json.begin().key();
      if (line_ == 1)
        return kind == "kilonova_export" ? read_header(json.front(), image_)
                                         : wrong("this is no export of a kilonova cloud");
      if (kind == "end") return read_end(json.front());
      return read_record(kind, json.front(), image_);
    } catch (const std::exception& broken) {
      return wrong(broken.what());
    }
  }
  Expected<> read_end(const Json& json) {
    ended_ = true;
    auto records = integer_at<size_t>(json, "records");
    if (records != line_ - 1) return wrong(fmt::format("there are {} records; the end says {}", line_ - 1, records));
    std::string expected = json.at("sha256"), found = sha256(text_.substr(0, at_));
    if (found != expected)
      return wrong(fmt::format("the file was changed: its checksum is {}, the end says {}", found, expected));
    if (auto good = check_token_key(image_.controller); !good) return good;
    return check_sense(image_);
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t line_ = 0;
  bool ended_ = false;
  CloudImage image_;
};

}  // namespace

std::string write_export(const CloudImage& image, WallTime now) {
  Lines lines;
  lines.add_value("kilonova_export", Json{{"version", kExportVersion},
                                          {"written_at", to_iso8601(now)},
                                          {"revision", image.controller.revision},
                                          {"last_instance_id", image.controller.last_instance_id},
                                          {"events_dropped_through", image.events_dropped_through}});
  for_each_type(StoredRecords{}, [&]<class Row>() {
    for (const Row& row : image.controller.of<Row>()) lines.add(Row::kRecord.kind, record_json(row));
  });
#define KN_WRITE(name, list, Domain, Proto) \
  for (const Domain& record : list) lines.add(name, message_json<v1::Proto>(record));
  KN_EXPORT_RECORDS(KN_WRITE)
#undef KN_WRITE
  add_others(image, lines);
  return std::move(lines).finish();
}

Expected<CloudImage> read_export(std::string_view text, const std::string& name) {
  Reader reader(text);
  auto image = reader.read();
  if (!image)
    return fail(image.error().code, fmt::format("{}, line {}: {}", name, reader.line(), image.error().message));
  return image;
}

}  // namespace kilonova::cli
