#include "daemon/config_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/did_you_mean.h"

namespace kilonova {
namespace {

constexpr size_t kMaxBytes = 1 << 20;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r";
  size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

bool is_key(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// What cannot stand in a message as it is.
std::string shown(std::string_view text) {
  constexpr size_t kMost = 60;
  std::string out(text.substr(0, kMost));
  std::ranges::replace_if(out, is_control, '?');
  return text.size() > kMost ? out + "..." : out;
}

// Quotes keep what a line would lose: spaces at either end, and nothing at all.
std::string_view unquoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"' ? value.substr(1, value.size() - 2) : value;
}
std::string quoted(const std::string& value) {
  bool needed = value.empty() || value.front() == '"' || trimmed(value) != value;
  return needed ? "\"" + value + "\"" : value;
}

std::string no_section(std::string_view name) {
  std::vector<std::string> known(kConfigSections.begin(), kConfigSections.end());
  if (auto meant = did_you_mean(std::string(name), known))
    return fmt::format("there is no section [{}]; did you mean [{}]?", shown(name), *meant);
  return fmt::format("there is no section [{}]: there are [{}]", shown(name), fmt::join(known, "], ["));
}

// Reads line by line. An error says why this line is wrong.
class Reader {
 public:
  Reader(ConfigFile& file, std::vector<ConfigEntry>& entries, ConfigSections sections)
      : file_(file), entries_(entries), allowed_(sections) {}

  Expected<> read_line(std::string_view line) {
    ++number_;
    line = trimmed(line);
    if (line.empty() || line.front() == '#' || line.front() == ';') return {};
    if (std::ranges::any_of(line, [](char c) { return is_control(c) && c != '\t'; }))
      return wrong("a control character; the file is text");
    if (line.front() == '[') return begin_section(line);
    size_t equals = line.find('=');
    if (equals == std::string_view::npos)
      return wrong(fmt::format("'{}' is neither a [section] nor key = value", shown(line)));
    std::string key(trimmed(line.substr(0, equals)));
    std::ranges::replace(key, '_', '-');
    if (!is_key(key)) return wrong(fmt::format("'{}' is no key: it has small letters, digits and dashes", shown(key)));
    if (section_.empty())
      return wrong(fmt::format("{} stands before any section: [DEFAULT] is the one for all {}", shown(key),
                               allowed_ == ConfigSections::kOfACloud ? "daemons" : "others"));
    if (const ConfigEntry* first = file_.find(section_, key))
      return wrong(fmt::format("[{}] {} stands in line {} already", section_, key, first->line));
    entries_.push_back({section_, std::move(key), std::string(unquoted(trimmed(line.substr(equals + 1)))), number_});
    return {};
  }
  std::vector<std::string> take_sections() { return std::move(sections_); }

 private:
  Expected<> begin_section(std::string_view line) {
    if (line.back() != ']') return wrong(fmt::format("'{}' has no ] at its end", shown(line)));
    std::string_view name = trimmed(line.substr(1, line.size() - 2));
    if (allowed_ == ConfigSections::kOfACloud && std::ranges::find(kConfigSections, name) == kConfigSections.end())
      return wrong(no_section(name));
    if (allowed_ == ConfigSections::kAnyName && name != kDefaultSection && !is_key(name))
      return wrong(fmt::format("'{}' is no name: it has small letters, digits and dashes", shown(name)));
    section_ = name;
    if (std::ranges::find(sections_, section_) == sections_.end()) sections_.push_back(section_);
    return {};
  }
  std::unexpected<Error> wrong(std::string_view why) const {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{}:{}: {}", file_.path(), number_, why));
  }

  ConfigFile& file_;
  std::vector<ConfigEntry>& entries_;
  ConfigSections allowed_;
  size_t number_ = 0;
  std::string section_;
  std::vector<std::string> sections_;
};

}  // namespace

Expected<ConfigFile> ConfigFile::parse(std::string path, std::string_view text, ConfigSections sections) {
  ConfigFile file(std::move(path));
  if (text.size() > kMaxBytes)
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("{} has more than {} bytes: that is no configuration file", file.path_, kMaxBytes));
  Reader reader(file, file.entries_, sections);
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size());
    if (auto read = reader.read_line(text.substr(begin, end - begin)); !read)
      return std::unexpected(std::move(read.error()));
    begin = end + 1;
  }
  file.sections_ = reader.take_sections();
  return file;
}

Expected<ConfigFile> ConfigFile::read(const std::string& path) {
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.is_open() && !in.bad()) return parse(path, text);
  int reason = errno;
  return fail(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
              fmt::format("the configuration file {} cannot be read: {}", path, std::strerror(reason)));
}

const ConfigEntry* ConfigFile::find(std::string_view section, std::string_view key) const {
  auto found = std::ranges::find_if(
      entries_, [&](const ConfigEntry& entry) { return entry.section == section && entry.key == key; });
  return found == entries_.end() ? nullptr : &*found;
}

void ConfigFile::set(std::string_view section, std::string_view key, std::string value) {
  erase(section, key);
  entries_.push_back({std::string(section), std::string(key), std::move(value)});
}

void ConfigFile::erase(std::string_view section, std::string_view key) {
  std::erase_if(entries_, [&](const ConfigEntry& entry) { return entry.section == section && entry.key == key; });
}

std::string ConfigFile::text() const {
  std::string out =
      "# The options of this cloud; `kilonova up` writes them and every daemon reads them. What is not here has its\n"
      "# default. Options of the command line win, and are written here by `kilonova up`. See docs/configuration.md.\n";
  for (std::string_view section : kConfigSections) {
    bool first = true;
    for (const ConfigEntry& entry : entries_) {
      if (entry.section != section) continue;
      if (std::exchange(first, false)) out += fmt::format("\n[{}]\n", section);
      out += fmt::format("{} = {}\n", entry.key, quoted(entry.value));
    }
  }
  return out;
}

std::unexpected<Error> ConfigFile::wrong(const ConfigEntry& entry, std::string_view why) const {
  std::string place = entry.line == 0 ? path_ : fmt::format("{}:{}", path_, entry.line);
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{}: [{}] {} = {}: {}", place, entry.section, entry.key, shown(entry.value), why));
}

}  // namespace kilonova
