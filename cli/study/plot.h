// Plots as SVG: one document each, with its colours in it, for light and dark. Pure.
#pragma once

#include <string>
#include <vector>

namespace kilonova::cli {

// A line, with a band around it where the seeds differ. All of the same size.
struct PlotLine {
  std::string name;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> least;  // empty: no band
  std::vector<double> most;
};

struct Plot {
  std::string key;    // of its files: "empty-hosts"
  std::string title;  // "Empty hosts"
  std::string x_title;
  std::string y_title;
  bool logarithmic_x = false;  // x must be above 0
  std::vector<PlotLine> lines;
};

// 720 wide and 300 high, and higher by the lines of its legend.
std::string svg_of(const Plot& plot);

// The numbers behind it: a row for each point, with the line's name; least and most where it has a band.
std::string csv_of(const Plot& plot);

// As a text of XML: nothing in it is markup.
std::string xml_escaped(const std::string& text);

}  // namespace kilonova::cli
