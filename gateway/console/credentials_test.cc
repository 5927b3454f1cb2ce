#include "gateway/console/credentials.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace livecounter::gateway::console {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

// To console.example:8081.
Request With(Headers headers) {
  Request request;
  request.method = "POST";
  request.headers = std::move(headers);
  request.headers.emplace_back("host", "console.example:8081");
  return request;
}

std::string Shown(const Headers& headers) {
  return absl::StrJoin(headers, "\n", absl::PairFormatter(": "));
}

TEST(CredentialsTest, ABrowserIsKnownByWhatPagesCannotLeaveOut) {
  EXPECT_TRUE(IsOfBrowser(With({{"origin", "https://a.example"}})));
  EXPECT_TRUE(IsOfBrowser(With({{"sec-fetch-site", "none"}})));
  EXPECT_FALSE(IsOfBrowser(With({{"cookie", "livecounter_session=t"}})));
}

TEST(CredentialsTest, AProgramsAuthorizationGoesOnAsItIs) {
  EXPECT_EQ(*AuthorizationOf(With({{"authorization", "Bearer t"}}), false), "Bearer t");
  EXPECT_EQ(*AuthorizationOf(With({}), false), "");
}

TEST(CredentialsTest, ACookieBecomesATokenForPagesOfThisOrigin) {
  const Headers kCases[] = {
      {{"origin", "http://console.example:8081"}},
      {{"origin", "http://CONSOLE.example:8081"}},
      {{"sec-fetch-site", "same-origin"}},
      {{"sec-fetch-site", "same-origin"}, {"origin", "http://console.example:8081"}},
  };
  for (Headers headers : kCases) {
    headers.emplace_back("cookie", "a=b; livecounter_session=t0ken; c=d");
    const auto authorization = AuthorizationOf(With(headers), false);
    ASSERT_TRUE(authorization.ok()) << Shown(headers) << authorization.status();
    EXPECT_EQ(*authorization, "Bearer t0ken") << Shown(headers);
  }
}

TEST(CredentialsTest, OverTlsOnlyACookieThatNoNeighbourCanSetIsTaken) {
  const auto token_of = [](const std::string& cookie, bool own_tls) {
    return AuthorizationOf(With({{"origin", "https://console.example:8081"}, {"cookie", cookie}}),
                           own_tls)
        .value();
  };
  for (bool own_tls : {true, false}) {  // false: behind an ingress
    EXPECT_EQ(token_of("livecounter_session=theirs; __Host-livecounter_session=mine", own_tls),
              "Bearer mine");
    EXPECT_EQ(token_of("livecounter_session=theirs", own_tls), "");
  }
}

TEST(CredentialsTest, RequestsOfOtherOriginsPagesAreRefusedWithAndWithoutACookie) {
  const Headers kCases[] = {
      {{"origin", "http://evil.example"}},
      {{"origin", "http://console.example"}},  // another port
      {{"origin", "http://console.example:8081.evil.example"}},
      {{"origin", "ftp://console.example:8081"}},
      {{"origin", "console.example:8081"}},
      {{"origin", "null"}},
      {{"origin", ""}},
      {{"sec-fetch-site", "cross-site"}},
      {{"sec-fetch-site", "same-site"}},
      {{"sec-fetch-site", "none"}},
      {{"sec-fetch-site", ""}},
      {{"sec-fetch-site", "cross-site"}, {"origin", "http://console.example:8081"}},
      {{"sec-fetch-site", "same-origin"}, {"origin", "http://evil.example"}},
  };
  for (const Headers& headers : kCases) {
    for (const Headers& credential : {Headers{}, Headers{{"cookie", "livecounter_session=t"}},
                                      Headers{{"authorization", "Bearer t"}}}) {
      Headers all = headers;
      all.insert(all.end(), credential.begin(), credential.end());
      EXPECT_EQ(AuthorizationOf(With(all), false).status().code(),
                absl::StatusCode::kPermissionDenied)
          << Shown(all);
    }
  }
}

TEST(CredentialsTest, OverTlsOfOurOwnAnOriginWithoutItIsAnother) {
  const auto code = [](const char* origin) {
    return AuthorizationOf(With({{"origin", origin}}), /*own_tls=*/true).status().code();
  };
  EXPECT_EQ(code("https://console.example:8081"), absl::StatusCode::kOk);
  EXPECT_EQ(code("http://console.example:8081"), absl::StatusCode::kPermissionDenied);
}

TEST(CredentialsTest, ACookieIsTakenFromBrowsersAlone) {
  EXPECT_EQ(AuthorizationOf(With({{"cookie", "livecounter_session=t"}}), false).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(*AuthorizationOf(With({{"cookie", "other=t"}}), false), "");
}

TEST(CredentialsTest, AnAuthorizationGoesBeforeACookie) {
  EXPECT_EQ(*AuthorizationOf(With({{"sec-fetch-site", "same-origin"},
                                   {"authorization", "Bearer a"},
                                   {"cookie", "livecounter_session=b"}}),
                             false),
            "Bearer a");
}

TEST(CredentialsTest, WhatGrpcCannotCarryIsRefused) {
  EXPECT_EQ(AuthorizationOf(With({{"authorization", "Bearer \xc3\xa4"}}), false).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(
      AuthorizationOf(
          With({{"sec-fetch-site", "same-origin"}, {"cookie", "livecounter_session=\xff"}}), false)
          .status()
          .code(),
      absl::StatusCode::kInvalidArgument);
}

TEST(CredentialsTest, OtherCookiesDoNotCount) {
  const Headers kCases[] = {{{"cookie", "xlivecounter_session=t"}},
                            {{"cookie", "livecounter_sessions=t"}},
                            {{"cookie", "livecounter_session"}},
                            {{"cookie", "livecounter_session="}},
                            {{"cookie", ";;=,"}}};
  for (Headers headers : kCases) {
    headers.emplace_back("sec-fetch-site", "same-origin");
    EXPECT_EQ(*AuthorizationOf(With(headers), false), "") << Shown(headers);
  }
}

TEST(CredentialsTest, TheCookieIsOutOfReachOfScriptsAndOtherSites) {
  EXPECT_EQ(SessionCookie("t", kNow + absl::Hours(1), kNow, false),
            "livecounter_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=3600");
  EXPECT_EQ(SessionCookie("t", absl::InfiniteFuture(), kNow, true),
            "__Host-livecounter_session=t; Path=/; HttpOnly; SameSite=Strict; Secure");
  EXPECT_EQ(SessionCookie("t", kNow - absl::Hours(1), kNow, false),
            "livecounter_session=t; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  EXPECT_EQ(NoSessionCookie(true),
            "__Host-livecounter_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0; Secure");
}

TEST(CredentialsTest, TheCookieIsSecureWhereThePageCameOverTls) {
  EXPECT_TRUE(IsSecure(With({{"origin", "https://console.example:8081"}}), false));
  EXPECT_FALSE(IsSecure(With({{"origin", "http://console.example:8081"}}), false));
  EXPECT_TRUE(IsSecure(With({}), true));
}

}  // namespace
}  // namespace livecounter::gateway::console
