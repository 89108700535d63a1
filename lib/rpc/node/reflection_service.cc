#include "rpc/node/reflection_service.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <set>
#include <utility>

#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "rpc/node/address.h"
#include "rpc/node/proto_bytes.h"
#include "rpc/node/strangers.h"

namespace kilonova {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

const DescriptorPool& pool() { return *DescriptorPool::generated_pool(); }

void not_found(const std::string& what, ServerReflectionResponse* response) {
  response->mutable_error_response()->set_error_code(static_cast<int>(grpc::StatusCode::NOT_FOUND));
  response->mutable_error_response()->set_error_message(what + " is not known here");
}

const FileDescriptor* file_of_extension(const std::string& type_name, int number) {
  const Descriptor* type = pool().FindMessageTypeByName(type_name);
  const FieldDescriptor* field = type == nullptr ? nullptr : pool().FindExtensionByNumber(type, number);
  return field == nullptr ? nullptr : field->file();
}

}  // namespace

// Gone with its end.
class ReflectionService::Call final : public rpc::ServerCall::Events {
 public:
  Call(ReflectionService& service, std::unique_ptr<rpc::ServerCall> call) : service_(service), call_(std::move(call)) {
    call_->set_events(this);
    std::string source = source_of(call_->context().peer());
    if (service_.strangers_.take(source) != SourceCounts<std::string>::Admission::kTaken) {
      call_->finish(too_many_strangers());
      return;
    }
    counted_ = {service_.strangers_, std::move(source)};
    call_->read_due(&bytes_);
  }

 private:
  void on_read(bool ok) override {
    if (!ok) return call_->finish(grpc::Status::OK);
    ServerReflectionRequest request;
    if (bytes_.Length() > kMaxStrangersBytes || !read_proto(&bytes_, &request))
      return call_->finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "there is no ServerReflectionRequest"));
    call_->write(proto_bytes(answer(request)));
  }
  void on_written(bool ok) override {
    if (ok)
      call_->read_due(&bytes_);
    else
      call_->finish(grpc::Status::CANCELLED);
  }
  void on_over() override { delete this; }

  ServerReflectionResponse answer(const ServerReflectionRequest& request) {
    ServerReflectionResponse response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
      case ServerReflectionRequest::kFileByFilename:
        send_file(pool().FindFileByName(request.file_by_filename()), request.file_by_filename(), &response);
        break;
      case ServerReflectionRequest::kFileContainingSymbol:
        send_file(pool().FindFileContainingSymbol(request.file_containing_symbol()), request.file_containing_symbol(),
                  &response);
        break;
      case ServerReflectionRequest::kFileContainingExtension: {
        const auto& asked = request.file_containing_extension();
        send_file(file_of_extension(asked.containing_type(), asked.extension_number()), asked.containing_type(),
                  &response);
        break;
      }
      case ServerReflectionRequest::kAllExtensionNumbersOfType:
        list_extensions(request.all_extension_numbers_of_type(), &response);
        break;
      case ServerReflectionRequest::kListServices:
        for (const std::string& name : service_.services_)
          response.mutable_list_services_response()->add_service()->set_name(name);
        break;
      case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
        response.mutable_error_response()->set_error_code(static_cast<int>(grpc::StatusCode::INVALID_ARGUMENT));
        response.mutable_error_response()->set_error_message("the request asks nothing");
        break;
    }
    return response;
  }

  void send_file(const FileDescriptor* file, const std::string& asked, ServerReflectionResponse* response) {
    if (file == nullptr) return not_found(asked, response);
    response->mutable_file_descriptor_response();
    add_file(*file, response);
  }
  void add_file(const FileDescriptor& file, ServerReflectionResponse* response) {
    if (!sent_.insert(&file).second) return;
    google::protobuf::FileDescriptorProto proto;
    file.CopyTo(&proto);
    response->mutable_file_descriptor_response()->add_file_descriptor_proto(proto.SerializeAsString());
    for (int i = 0; i < file.dependency_count(); ++i) add_file(*file.dependency(i), response);
  }
  static void list_extensions(const std::string& type_name, ServerReflectionResponse* response) {
    const Descriptor* type = pool().FindMessageTypeByName(type_name);
    if (type == nullptr) return not_found(type_name, response);
    std::vector<const FieldDescriptor*> extensions;
    pool().FindAllExtensions(type, &extensions);
    response->mutable_all_extension_numbers_response()->set_base_type_name(type_name);
    for (const FieldDescriptor* extension : extensions)
      response->mutable_all_extension_numbers_response()->add_extension_number(extension->number());
  }

  ReflectionService& service_;
  CountedSource<std::string> counted_;
  std::unique_ptr<rpc::ServerCall> call_;
  grpc::ByteBuffer bytes_;
  std::set<const FileDescriptor*> sent_;
};

void ReflectionService::accept(std::string_view method, std::unique_ptr<rpc::ServerCall>& call) {
  if (method == "ServerReflectionInfo") new Call(*this, std::move(call));
}

}  // namespace kilonova
