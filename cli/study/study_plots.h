// The plots of a study. Pure.
#pragma once

#include <vector>

#include "cli/study/plot.h"
#include "cli/study/study_results.h"

namespace kilonova::cli {

// Over time: the mean over the seeds, and from the least to the most. The last one is measured: how long decisions took.
std::vector<Plot> study_plots(const StudyResults& results);

}  // namespace kilonova::cli
