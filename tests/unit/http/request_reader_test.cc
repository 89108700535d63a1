#include "http/request_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kilonova::http {
namespace {

using State = RequestReader::State;

constexpr std::string_view kPost =
    "POST /v3/auth/tokens?nocatalog HTTP/1.1\r\nHost: here:8774\r\nContent-Length: 5\r\nX-A: 1\r\n\r\n{\"a\"}";

unsigned refused_with(std::string_view bytes, ReadLimits limits = {}) {
  RequestReader reader(limits);
  reader.append(bytes);
  State state = reader.advance();
  EXPECT_EQ(state, State::kRefused) << bytes;
  return state == State::kRefused ? reader.status() : 0;
}

std::string get(std::string_view more) { return "GET / HTTP/1.1\r\nHost: here\r\n" + std::string(more) + "\r\n"; }

TEST(RequestReader, ReadsOneWhole) {
  RequestReader reader({});
  EXPECT_FALSE(reader.has_begun());
  reader.append(kPost);
  ASSERT_EQ(reader.advance(), State::kDone);
  Request request = reader.take();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/v3/auth/tokens?nocatalog");
  EXPECT_EQ(request.header("x-a"), "1");
  EXPECT_EQ(request.body, "{\"a\"}");
  EXPECT_FALSE(reader.wants_close());
  EXPECT_FALSE(reader.has_begun());
}

TEST(RequestReader, ReadsOneHoweverItIsCut) {
  for (size_t cut = 1; cut < kPost.size(); ++cut) {
    RequestReader reader({});
    reader.append(kPost.substr(0, cut));
    ASSERT_EQ(reader.advance(), State::kNeedsMore) << cut;
    EXPECT_TRUE(reader.has_begun());
    reader.append(kPost.substr(cut));
    ASSERT_EQ(reader.advance(), State::kDone) << cut;
    EXPECT_EQ(reader.take().body, "{\"a\"}");
  }
}

TEST(RequestReader, ReadsOneByteByByte) {
  RequestReader reader({});
  for (size_t i = 0; i < kPost.size(); ++i) {
    reader.append(kPost.substr(i, 1));
    ASSERT_EQ(reader.advance(), i + 1 == kPost.size() ? State::kDone : State::kNeedsMore) << i;
  }
}

TEST(RequestReader, ReadsPipelinedOnesInTheirOrder) {
  RequestReader reader({});
  reader.append(std::string(kPost) + get("X-B: 2\r\n") + "GET /third HTTP/1.1\r\nHost: h");
  ASSERT_EQ(reader.advance(), State::kDone);
  EXPECT_EQ(reader.take().body, "{\"a\"}");
  EXPECT_TRUE(reader.has_begun());
  ASSERT_EQ(reader.advance(), State::kDone);
  EXPECT_EQ(reader.take().header("X-B"), "2");
  EXPECT_EQ(reader.advance(), State::kNeedsMore);
  reader.append("\r\n\r\n");
  ASSERT_EQ(reader.advance(), State::kDone);
  EXPECT_EQ(reader.take().target, "/third");
}

TEST(RequestReader, ReadsChunks) {
  RequestReader reader({});
  reader.append(
      "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\nGET");
  ASSERT_EQ(reader.advance(), State::kDone);
  EXPECT_EQ(reader.take().body, "abcde");
  EXPECT_TRUE(reader.has_begun()) << "what stands behind it is the next one";
}

// Beast asserts otherwise on the second piece of a last chunk that is the first one too.
TEST(RequestReader, ReadsChunksByteByByte) {
  std::string head = "PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::string body : {"0\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "3\r\nabc\r\n000\r\nT: 1\r\n\r\n"}) {
    std::string bytes = head + body;
    RequestReader reader({});
    for (size_t i = 0; i < bytes.size(); ++i) {
      reader.append(bytes.substr(i, 1));
      ASSERT_EQ(reader.advance(), i + 1 == bytes.size() ? State::kDone : State::kNeedsMore) << body << i;
    }
  }
}

TEST(RequestReader, PassesOverEmptyLinesBefore) {
  RequestReader reader({});
  reader.append("\r\n\r\n");
  EXPECT_EQ(reader.advance(), State::kNeedsMore);
  EXPECT_FALSE(reader.has_begun());
  reader.append(get(""));
  EXPECT_EQ(reader.advance(), State::kDone);
}

TEST(RequestReader, SaysWhoWantsItClosed) {
  auto wants_close = [](const std::string& bytes) {
    RequestReader reader({});
    reader.append(bytes);
    EXPECT_EQ(reader.advance(), State::kDone);
    reader.take();
    return reader.wants_close();
  };
  EXPECT_FALSE(wants_close(get("")));
  EXPECT_FALSE(wants_close(get("Connection: keep-alive\r\n")));
  EXPECT_TRUE(wants_close(get("Connection: close\r\n")));
  EXPECT_TRUE(wants_close("GET / HTTP/1.0\r\n\r\n"));
}

// Requests whose end two servers could see in two places.
TEST(RequestReader, RefusesSmuggledLengths) {
  for (const char* headers :
       {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n", "Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3, 3\r\n", "Content-Length: -3\r\n", "Content-Length: +3\r\n", "Content-Length: 3x\r\n",
        "Content-Length: 0x3\r\n", "Content-Length: 99999999999999999999999\r\n", "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding : chunked\r\n", "Content-Length : 3\r\n"})
    EXPECT_EQ(refused_with(get(headers) + "abcdefgh"), 400u) << headers;
  EXPECT_EQ(refused_with("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400u);
}

TEST(RequestReader, RefusesWhatIsNoRequest) {
  EXPECT_EQ(refused_with("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"), 400u);  // a TLS client
  EXPECT_EQ(refused_with("GET\r\n\r\n"), 400u);
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\n\r\n"), 400u) << "no Host";
  EXPECT_EQ(refused_with("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400u);
  EXPECT_EQ(refused_with("CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"), 400u);
  EXPECT_EQ(refused_with("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505u);
  EXPECT_EQ(refused_with(get("Bad Name: 1\r\n")), 400u);
  EXPECT_EQ(refused_with(get("Expect: wonders\r\n")), 417u);
}

TEST(RequestReader, StaysRefused) {
  RequestReader reader({});
  reader.append("nonsense\r\n\r\n");
  EXPECT_EQ(reader.advance(), State::kRefused);
  reader.append(get(""));
  EXPECT_EQ(reader.advance(), State::kRefused);
}

TEST(RequestReader, BoundsHeaderAndBody) {
  ReadLimits limits{.header_bytes = 256, .body_bytes = 8};
  EXPECT_EQ(refused_with(get("X: " + std::string(300, 'a') + "\r\n"), limits), 431u);
  EXPECT_EQ(refused_with("GET /" + std::string(300, 'a'), limits), 431u) << "before the end has come";
  // However the bytes are cut: found by fuzzing, of headers some bytes longer than they may be.
  for (size_t length = 180; length <= 260; ++length) {
    const std::string bytes = get("X: " + std::string(length, 'a') + "\r\n");
    const bool is_too_long = bytes.size() > limits.header_bytes;
    for (size_t piece : {size_t{1}, size_t{7}, bytes.size()}) {
      RequestReader reader(limits);
      auto state = RequestReader::State::kNeedsMore;
      for (size_t at = 0; at < bytes.size() && state == RequestReader::State::kNeedsMore; at += piece) {
        reader.append(std::string_view(bytes).substr(at, piece));
        state = reader.advance();
      }
      EXPECT_EQ(state, is_too_long ? RequestReader::State::kRefused : RequestReader::State::kDone)
          << bytes.size() << " bytes, by " << piece;
    }
  }
  EXPECT_EQ(refused_with(get("Content-Length: 9\r\n"), limits), 413u) << "before the body has come";
  EXPECT_EQ(refused_with(get("Transfer-Encoding: chunked\r\n") + "5\r\nabcde\r\n5\r\nabcde\r\n", limits), 413u);
  RequestReader reader(limits);
  reader.append(get("Content-Length: 8\r\n") + "12345678");
  EXPECT_EQ(reader.advance(), State::kDone);
}

TEST(RequestReader, TellsWhoWaitsToContinue) {
  RequestReader reader({});
  reader.append(get("Expect: 100-continue\r\nContent-Length: 3\r\n"));
  EXPECT_EQ(reader.advance(), State::kHeaderIsRead);
  EXPECT_EQ(reader.advance(), State::kNeedsMore);
  reader.append("abc");
  ASSERT_EQ(reader.advance(), State::kDone);
  EXPECT_EQ(reader.take().body, "abc");
}

}  // namespace
}  // namespace kilonova::http
