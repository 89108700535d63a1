#include "rpc/convert/nouns/images.h"

#include "rpc/convert/fields.h"
#include "rpc/convert/replies.h"
#include "rpc/convert/wire.h"

namespace kilonova::rpc {

KN_CODEC(Image, v1::ImageRecord,
         KN_FIELD(id) KN_FIELD(name) KN_FIELD(owner) KN_FIELD(visibility) KN_FIELD(size_bytes) KN_FIELD(min_disk_gb)
             KN_FIELD(min_ram_mb) KN_FIELD(disk_format) KN_FIELD(status) KN_TIME(created_at) KN_FIELD(properties)
                 KN_FIELD(server) KN_FIELD(rotation) KN_FIELD(is_protected) KN_FIELD(members) KN_FIELD(details)
                     KN_FIELD(revision) KN_TIME(updated_at))

KN_CODEC(ListImages, v1::ListImagesRequest, KN_FIELD(image) KN_FIELD(limit) KN_FIELD(marker) KN_FIELD(usable))
KN_CODEC(CreateImage, v1::CreateImageRequest,
         KN_FIELD(name) KN_FIELD(size_bytes) KN_FIELD(min_disk_gb) KN_FIELD(min_ram_mb) KN_FIELD(disk_format)
             KN_FIELD(is_public))
KN_CODEC(DeleteImage, v1::DeleteImageRequest, KN_FIELD(image))
KN_CODEC(PutImage, v1::PutImageCall, KN_FIELD(image))

KN_CODEC(ImageList, v1::ImageList, KN_FIELD(images) KN_FIELD(more))

void to_view(const Image& image, v1::Image* view) {
  view->set_id(to_string(image.id));
  put_text(image.name, view->mutable_name());
  view->set_owner(to_hex(image.owner));
  view->set_is_public(image.visibility == ImageVisibility::kPublic);
  view->set_size_bytes(image.size_bytes);
  view->set_min_disk_gb(image.min_disk_gb);
  view->set_min_ram_mb(image.min_ram_mb);
  put_text(image.disk_format, view->mutable_disk_format());
  put_text(image.status, view->mutable_status());
  view->set_created_at_us(image.created_at.us);
  for (const MetadataItem& item : image.properties) encode(item, view->add_properties());
}

bool to_public(const ListImages::Reply& reply, Audience, v1::ListImagesReply* proto) {
  add_all(reply.images, proto->mutable_images(), kToView);
  proto->set_more(reply.more);
  return true;
}
bool to_public(const CreateImage::Reply& reply, Audience, v1::CreateImageReply* proto) {
  return add_first(reply.images, proto->mutable_image(), kToView);
}
KN_EMPTY_REPLY(DeleteImage)

}  // namespace kilonova::rpc
