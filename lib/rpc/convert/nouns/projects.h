// Projects on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/project.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Project, ProjectRecord)

KN_DECLARE_CODEC(Project, ProjectRecord)

void to_view(const Project& project, v1::Project* view);

#define KN_PROJECT_CALLS(X) \
  X(ListProjects, list_projects, ListProjectsRequest) \
  X(CreateProject, create_project, CreateProjectRequest) \
  X(ReplaceProject, replace_project, ReplaceProjectCall) \
  X(DeleteProject, delete_project, DeleteProjectRequest)
#define KN_PROJECT_REPLIES(X) \
  X(ProjectList, project_list, ProjectList, kProjectList)
#define KN_PROJECT_METHODS(X) X(ListProjects) X(CreateProject) X(DeleteProject)

KN_PROJECT_CALLS(KN_DECLARE_CALL)
KN_PROJECT_REPLIES(KN_DECLARE_REPLY)
KN_PROJECT_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
