#include "cli/reference/complete.h"

#include <algorithm>

namespace kilonova::cli {
namespace {

const OptionDoc* find_option(const CommandDoc& command, const std::string& name) {
  for (const OptionDoc& option : command.options)
    if (std::ranges::find(option.names, name) != option.names.end()) return &option;
  return nullptr;
}

class Completer {
 public:
  Completer(const CommandDoc& root, const std::vector<std::string>& words) : root_(root), at_(&root), words_(words) {}

  Completion run() {
    if (words_.empty()) return {};
    for (size_t i = 0; i + 1 < words_.size(); ++i) i += pass(words_[i]) ? 1 : 0;
    const std::string& last = words_.back();
    if (words_.size() > 1 && awaited_ != nullptr) return value_of(*awaited_, last);
    if (last.starts_with("-") && !behind_mark_) return only_with(last, option_names());
    if (!at_->commands.empty()) return only_with(last, command_names());
    if (at_->arguments.empty()) return {};
    bool many = at_->arguments.back().repeated;
    size_t index = many ? std::min(arguments_, at_->arguments.size() - 1) : arguments_;
    if (index >= at_->arguments.size()) return {};
    Completion completion = value_of(at_->arguments[index], last);
    if (completion.kind.empty() && completion.words.empty()) completion.kind = at_->arguments[index].names.front();
    return completion;
  }

 private:
  // True: the next word is its value, and stands before the last.
  bool pass(const std::string& word) {
    awaited_ = nullptr;
    size_t position = static_cast<size_t>(&word - words_.data());
    if (word == "--") behind_mark_ = true;
    if (word.starts_with("-") && !behind_mark_) {
      const OptionDoc* option = find_option(*at_, word);
      if (option == nullptr) option = find_option(root_, word);
      if (option == nullptr || option->value.empty()) return false;
      if (position + 2 == words_.size()) awaited_ = option;
      return position + 2 < words_.size();
    }
    auto command = std::ranges::find(at_->commands, word, &CommandDoc::name);
    if (command != at_->commands.end())
      at_ = &*command;
    else if (word != "--")
      ++arguments_;
    return false;
  }

  static Completion only_with(const std::string& begin, std::vector<std::string> words) {
    std::erase_if(words, [&](const std::string& word) { return !word.starts_with(begin); });
    return {std::move(words), ""};
  }

  static Completion value_of(const OptionDoc& option, const std::string& begin) {
    if (!option.choices.empty()) return only_with(begin, option.choices);
    return {{}, option.value};
  }

  std::vector<std::string> command_names() const {
    std::vector<std::string> names;
    for (const CommandDoc& command : at_->commands) names.push_back(command.name);
    return names;
  }

  std::vector<std::string> option_names() const {
    std::vector<std::string> names;
    for (const CommandDoc* command : {at_, &root_}) {
      for (const OptionDoc& option : command->options)
        names.insert(names.end(), option.names.begin(), option.names.end());
      if (at_ == &root_) break;
    }
    names.push_back("--help");
    return names;
  }

  const CommandDoc& root_;
  const CommandDoc* at_;
  const std::vector<std::string>& words_;
  const OptionDoc* awaited_ = nullptr;  // the last word is its value
  size_t arguments_ = 0;
  bool behind_mark_ = false;
};

}  // namespace

Completion complete(const CommandDoc& root, const std::vector<std::string>& words) {
  return Completer(root, words).run();
}

}  // namespace kilonova::cli
