#include "gateway/http/gzip.h"

#include <zlib.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "core/check.h"

namespace livecounter::gateway {
namespace {

// The largest window, and 16 for gzip's own head and tail.
constexpr int kGzipWindow = 15 + 16;
constexpr int kMemoryLevel = 9;

// Of ";q=0.5": 0.5; without one 1.
double WeightOf(absl::string_view parameters) {
  for (absl::string_view parameter : absl::StrSplit(parameters, ';')) {
    parameter = absl::StripAsciiWhitespace(parameter);
    double weight = 0;
    if (absl::ConsumePrefix(&parameter, "q=") && absl::SimpleAtod(parameter, &weight)) {
      return weight;
    }
  }
  return 1;
}

}  // namespace

std::string Gzip(absl::string_view content) {
  z_stream stream = {};
  const int begun = deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                                 Z_DEFAULT_STRATEGY);
  CheckInvariant(begun == Z_OK, "zlib has memory for a stream");
  std::string out(deflateBound(&stream, content.size()), '\0');
  // zlib does not write to what it reads.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int ended = deflate(&stream, Z_FINISH);
  CheckInvariant(ended == Z_STREAM_END, "what deflateBound() says is enough");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool TakesGzip(const Request& request) {
  for (absl::string_view coding :
       absl::StrSplit(request.header("accept-encoding").value_or(""), ',')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(coding, absl::MaxSplits(';', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts[0]), "gzip")) continue;
    return parts.size() == 1 || WeightOf(parts[1]) > 0;
  }
  return false;
}

}  // namespace livecounter::gateway
