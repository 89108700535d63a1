#include "rpc/convert/nouns/projects.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(Project, v1::ProjectRecord, KN_FIELD(id) KN_FIELD(name) KN_FIELD(description) KN_FIELD(enabled))

KN_CODEC(ListProjects, v1::ListProjectsRequest, KN_FIELD(project) KN_FIELD(limit) KN_FIELD(marker))
KN_CODEC(CreateProject, v1::CreateProjectRequest, KN_FIELD(name) KN_FIELD(description))
KN_CODEC(ReplaceProject, v1::ReplaceProjectCall,
         KN_FIELD(project) KN_FIELD(name) KN_FIELD(description) KN_FIELD(enabled))
KN_CODEC(DeleteProject, v1::DeleteProjectRequest, KN_FIELD(project))

KN_CODEC(ProjectList, v1::ProjectList, KN_FIELD(projects) KN_FIELD(more))

void to_view(const Project& project, v1::Project* view) {
  view->set_id(to_hex(project.id));
  put_text(project.name, view->mutable_name());
  put_text(project.description, view->mutable_description());
  view->set_enabled(project.enabled);
}

bool to_public(const ListProjects::Reply& reply, Audience, v1::ListProjectsReply* proto) {
  add_all(reply.projects, proto->mutable_projects(), kToView);
  proto->set_more(reply.more);
  return true;
}
bool to_public(const CreateProject::Reply& reply, Audience, v1::CreateProjectReply* proto) {
  return add_first(reply.projects, proto->mutable_project(), kToView);
}
KN_EMPTY_REPLY(DeleteProject)

}  // namespace kilonova::rpc
