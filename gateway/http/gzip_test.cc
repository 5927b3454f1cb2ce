#include "gateway/http/gzip.h"

#include <zlib.h>

#include <string>

#include "gtest/gtest.h"

namespace livecounter::gateway {
namespace {

std::string Unzip(const std::string& zipped, size_t size) {
  z_stream stream = {};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string in = zipped;
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

bool Takes(const std::string& accepted) {
  Request request;
  request.headers = {{"accept-encoding", accepted}};
  return TakesGzip(request);
}

TEST(GzipTest, IsSmallerAndGivesTheContentBack) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += std::to_string(i % 97);
  EXPECT_LT(Gzip(text).size(), text.size() / 10);
  for (const std::string& content : {std::string(), std::string("a"), std::string(3, '\0'), text}) {
    EXPECT_EQ(Unzip(Gzip(content), content.size()), content);
  }
}

TEST(GzipTest, IsForThoseWhoTakeIt) {
  for (const char* accepted : {"gzip", "gzip, deflate, br", "br;q=1.0, GZIP;q=0.5", "x,gzip "}) {
    EXPECT_TRUE(Takes(accepted)) << accepted;
  }
  for (const char* accepted : {"", "br", "identity", "gzip;q=0", "gzip; q=0.000", "gzipped", "*"}) {
    EXPECT_FALSE(Takes(accepted)) << accepted;
  }
  EXPECT_FALSE(TakesGzip(Request()));
}

}  // namespace
}  // namespace livecounter::gateway
