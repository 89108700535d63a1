// Whole files.
#pragma once

#include <string>

#include "base/error.h"
#include "store/files.h"
#include "store/sync_mode.h"

namespace kilonova::cli {

// kNotFound when there is none; kUnavailable when it cannot be read. The message names it. "-" is a file of that name.
Expected<std::string> read_file(const std::string& path);

// A new file that only its owner may read, or one that replaces the old in one step: whatever happens meanwhile, power loss
// included, the path is the old file or the whole new one. On return it survives power loss (not under kNormal: for what
// can be had again). kUnavailable names the path, and leaves it as it was, unless it was the last sync that failed.
// `temporary` stands beside it meanwhile; one that was left behind is replaced.
Expected<> replace_private_file(const std::string& path, const std::string& temporary, const std::string& text,
                                SyncMode sync = SyncMode::kFull, Files& files = posix_files());

// The same with a temporary file of this process's, for files that several may write.
Expected<> write_private_file(const std::string& path, const std::string& text, SyncMode sync = SyncMode::kFull);

}  // namespace kilonova::cli
