// Images on the wire: between daemons, and as clients see them.
#pragma once

#include "domain/nouns/image.h"
#include "kilonova/v1/cloud.pb.h"
#include "rpc/convert/codecs.h"

namespace kilonova::rpc {

KN_RECORD_MESSAGE(Image, ImageRecord)

KN_DECLARE_CODEC(Image, ImageRecord)

void to_view(const Image& image, v1::Image* view);

#define KN_IMAGE_CALLS(X)                          \
  X(ListImages, list_images, ListImagesRequest)    \
  X(CreateImage, create_image, CreateImageRequest) \
  X(DeleteImage, delete_image, DeleteImageRequest) \
  X(PutImage, put_image, PutImageCall)
#define KN_IMAGE_REPLIES(X) X(ImageList, image_list, ImageList, kImageList)
#define KN_IMAGE_METHODS(X) X(ListImages) X(CreateImage) X(DeleteImage)

KN_IMAGE_CALLS(KN_DECLARE_CALL)
KN_IMAGE_REPLIES(KN_DECLARE_REPLY)
KN_IMAGE_METHODS(KN_DECLARE_METHOD)

}  // namespace kilonova::rpc
