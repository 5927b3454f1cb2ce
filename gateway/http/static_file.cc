#include "gateway/http/static_file.h"

#include <utility>

#include "gateway/http/etag.h"
#include "gateway/http/gzip.h"

namespace livecounter::gateway {

StaticFile::StaticFile(absl::string_view content_type, absl::string_view content)
    : content_type_(content_type), content_(content), etag_(EtagOf(content)) {
  std::string zipped = Gzip(content);
  if (zipped.size() >= content.size()) return;
  zipped_etag_ = EtagOf(zipped);
  zipped_ = std::move(zipped);
}

Response StaticFile::Serve(const Request& request) const {
  const bool is_zipped = zipped_.has_value() && TakesGzip(request);
  const std::string& etag = is_zipped ? zipped_etag_ : etag_;
  Response response;
  response.headers = {
      {"content-type", std::string(content_type_)}, {"etag", etag}, {"vary", "Accept-Encoding"}};
  if (is_zipped) response.headers.emplace_back("content-encoding", "gzip");
  if (HasIt(request, etag)) {
    response.status = 304;
  } else {
    response.body = is_zipped ? *zipped_ : std::string(content_);
  }
  return response;
}

}  // namespace livecounter::gateway
