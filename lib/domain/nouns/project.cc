#include "domain/nouns/project.h"


namespace kilonova {

Expected<> ListProjects::check() const {
  return check_all(check_text("the project", project), check_limit(limit), check_text("the marker", marker));
}

// Keystone's limit of a project's name.
Expected<> CreateProject::check() const {
  return check_all(check_name("the project's name", name, 64), check_text("the description", description));
}

Expected<> ReplaceProject::check() const {
  return check_all(check_reference("project", project), check_name("the project's name", name, 64),
                   check_text("the description", description));
}

Expected<> DeleteProject::check() const { return check_reference("project", project); }

}  // namespace kilonova
