// kilonova.conf: the options of a cloud, in the manner of nova.conf (docs/configuration.md). Sections, and in them a
// `key = value` a line; the keys are the options of the daemon that the section is for.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace kilonova {

inline constexpr std::string_view kDefaultSection = "DEFAULT";  // for every daemon that has the option, as in nova.conf
inline constexpr std::string_view kUpSection = "up";            // for `kilonova up` alone
inline constexpr auto kConfigSections = std::to_array<std::string_view>(
    {kDefaultSection, kUpSection, "controller", "scheduler", "network", "compute", "api"});

// Which sections a file may have.
enum class ConfigSections {
  kOfACloud,  // kConfigSections
  kAnyName,   // [DEFAULT], and names of small letters, digits and dashes: of a study
};

struct ConfigEntry {
  std::string section;
  std::string key;    // with dashes: `max_attempts` is read as max-attempts
  std::string value;  // of a list: with commas
  size_t line = 0;    // 0: it is in no file, but was set
};

// A value of its own; no two entries of one section have the same key. Any thread, one at a time.
class ConfigFile {
 public:
  explicit ConfigFile(std::string path) : path_(std::move(path)) {}

  // `path` is for messages. kInvalidArgument: one line with the file, the number of the line, and what would be right.
  static Expected<ConfigFile> parse(std::string path, std::string_view text,
                                    ConfigSections sections = ConfigSections::kOfACloud);
  // kNotFound when there is none; kUnavailable when it cannot be read; and parse()'s.
  static Expected<ConfigFile> read(const std::string& path);

  const std::string& path() const { return path_; }
  const std::vector<ConfigEntry>& entries() const { return entries_; }
  // Those of the file, each once, in the order in which they begin; some may have no entry.
  const std::vector<std::string>& sections() const { return sections_; }
  // nullptr when it is not there.
  const ConfigEntry* find(std::string_view section, std::string_view key) const;
  // In place of the value it had. The value has no line end.
  void set(std::string_view section, std::string_view key, std::string value);
  void erase(std::string_view section, std::string_view key);

  // A file with these entries and comments of ours; parse() reads the same entries from it.
  std::string text() const;
  // kInvalidArgument: "/x/kilonova.conf:12: [scheduler] driver = x: <why>".
  std::unexpected<Error> wrong(const ConfigEntry& entry, std::string_view why) const;

 private:
  std::string path_;
  std::vector<ConfigEntry> entries_;
  std::vector<std::string> sections_;
};

}  // namespace kilonova
