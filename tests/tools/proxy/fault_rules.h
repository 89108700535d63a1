// What the fault proxy does to the messages of which stream. Plain data and text; see RULES for how rules are written.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/nouns/fault_rule.h"

namespace kilonova::proxy {

// Probabilities. Of messages: above the link, which numbers what is left. Of frames: below it, so that the link between
// daemon and proxy has to notice.
struct Faults {
  double drop = 0;
  double repeat = 0;
  double reorder = 0;  // waits until a later message has passed, or for 200 ms
  double delay = 0;
  Duration longest_delay = milliseconds(500);  // each one's is drawn up to this
  double drop_frame = 0;
  double repeat_frame = 0;
  double break_connection = 0;  // after a frame
};

// Globs ("compute-*", "*") for who says what to whom.
struct FaultRule {
  std::string from;
  std::string to;
  std::string message;
  Faults faults;
};

class FaultRules {
 public:
  // A rule a line: FROM>TO:MESSAGE KIND=P[,KIND=P...]; the first that fits counts. KIND is a name of Faults with dashes
  // ("drop-frame"); longest-delay is in milliseconds. What is said of frames counts with message "*" only. Empty lines
  // and those that begin with # mean nothing. kInvalidArgument names the line.
  //   compute-*>controller-0:InstanceReport drop=1
  //   *>*:* drop=0.2,repeat=0.2
  static Expected<FaultRules> parse(std::string_view text);

  // Nothing happens to what no rule fits.
  Faults of_message(PeerId from, PeerId to, std::string_view message) const;
  Faults of_frame(PeerId from, PeerId to) const;

 private:
  std::vector<FaultRule> rules_;
};

}  // namespace kilonova::proxy
