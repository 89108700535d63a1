// A connection's life in simulated time: what is read and written when, whoever sends it and however slowly.
#include "http/connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/scope.h"
#include "runtime/sleep.h"
#include "runtime/virtual_loop.h"

namespace kilonova::http {
namespace {

// The other side is the test: it sends, reads, and ends.
class ScriptedStream final : public ByteStream {
 public:
  explicit ScriptedStream(Waits& waits) : waits_(waits) {}

  void send(std::string_view bytes) {
    incoming_ += bytes;
    wake(readers_);
  }
  void end() {
    ended_ = true;
    wake(readers_);
    wake(writers_);
  }
  void take_at_most(size_t bytes) {
    room_ = bytes;
    wake(writers_);
  }
  std::string received() { return std::exchange(outgoing_, ""); }
  bool has_ended_writing() const { return ended_writing_; }

  IoResult read(std::span<char> into) override {
    if (incoming_.empty()) return {ended_ ? IoStatus::kEnd : IoStatus::kWaitReadable, 0};
    size_t bytes = std::min(into.size(), incoming_.size());
    std::copy_n(incoming_.begin(), bytes, into.begin());
    incoming_.erase(0, bytes);
    return {IoStatus::kDone, bytes};
  }
  IoResult write(std::string_view bytes) override {
    if (ended_) return {IoStatus::kEnd, 0};
    size_t taken = std::min(room_, bytes.size());
    if (taken == 0) return {IoStatus::kWaitWritable, 0};
    room_ -= taken;
    outgoing_ += bytes.substr(0, taken);
    return {IoStatus::kDone, taken};
  }
  void wait(IoStatus direction, uint64_t id) override {
    (direction == IoStatus::kWaitReadable ? readers_ : writers_).push_back(id);
  }
  void end_writing() override { ended_writing_ = true; }

 private:
  void wake(std::vector<uint64_t>& ids) {
    for (uint64_t id : std::exchange(ids, {})) waits_.complete(id, true);
  }

  Waits& waits_;
  std::string incoming_, outgoing_;
  std::vector<uint64_t> readers_, writers_;
  size_t room_ = SIZE_MAX;
  bool ended_ = false, ended_writing_ = false;
};

class ConnectionTest : public ::testing::Test {
 protected:
  void start(ConnectionOptions options = {}) {
    flow_ = scope_.spawn(
        serve_connection(&loop_, &waits_, &handler_, options, {"127.0.0.1", 4711}, false, &stream_, &state_));
    pass(Duration{});
  }
  void pass(Duration time) { loop_.run_until(loop_.now() + time); }
  void send(std::string_view bytes) {
    stream_.send(bytes);
    pass(Duration{});
  }
  bool is_open() const { return scope_.size() == 1; }

  Task<Response> answer(Request request) {
    asked_.push_back(request.target + request.body);
    co_await sleep_for(loop_, think_);
    co_return Response{200, {}, "for " + request.target};
  }

  Task<Response> at_once(Request request) {
    asked_.push_back(request.target);
    co_return Response{};
  }

  VirtualLoop loop_;
  Waits waits_{loop_};
  ScriptedStream stream_{waits_};
  ConnectionState state_;
  Duration think_;
  std::vector<std::string> asked_;
  Handler handler_ = [this](Request request) { return answer(std::move(request)); };
  Scope scope_{loop_};
  FlowId flow_ = 0;
};

std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n";
}

size_t count(const std::string& text, std::string_view part) {
  size_t found = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

class Pieces final : public BodySink {
 public:
  explicit Pieces(Loop& loop) : loop_(loop) {}
  Task<void> write(std::string bytes) override {
    co_await sleep_for(loop_, milliseconds(1));
    got += bytes;
    largest = std::max(largest, bytes.size());
  }
  std::string got;
  size_t largest = 0;

 private:
  Loop& loop_;
};

class Repeated final : public BodySource {
 public:
  Repeated(size_t bytes, bool breaks) : left_(bytes), breaks_(breaks) {}
  Task<Expected<std::string>> read(size_t most) override {
    size_t bytes = std::min(most, left_);
    if (breaks_ && bytes < most) co_return fail(ErrorCode::kDataLoss, "the file is gone");
    left_ -= bytes;
    co_return std::string(bytes, 'b');
  }

 private:
  size_t left_;
  bool breaks_;
};

class StreamedTest : public ConnectionTest {
 protected:
  StreamedTest() {
    options_.limits.sink_of = [this](const Request& head) {
      return head.method == "PUT" ? std::shared_ptr<BodySink>(sink_) : nullptr;
    };
    handler_ = [this](Request request) { return take(std::move(request)); };
  }
  Task<Response> take(Request request) {
    asked_.push_back(request.method + (request.sink == sink_ ? " streamed" : " held") + request.body);
    co_return Response{};
  }
  void send_all(std::string_view bytes) {
    send(bytes);
    pass(seconds(2));
  }

  std::shared_ptr<Pieces> sink_ = std::make_shared<Pieces>(loop_);
  ConnectionOptions options_;
};

TEST_F(StreamedTest, ABodyGoesToItsSinkPieceByPieceWhateverItsLength) {
  start(options_);
  const std::string body(3'000'000, 'x');
  send_all("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n" + body + get("/next"));
  EXPECT_EQ(asked_, (std::vector<std::string>{"PUT streamed", "GET held"}));
  EXPECT_EQ(sink_->got, body);
  EXPECT_LT(sink_->largest, 100'000u);
}

TEST_F(StreamedTest, SoDoesOneInChunks) {
  start(options_);
  send_all("PUT /f HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  send_all("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(asked_, std::vector<std::string>{"PUT streamed"});
  EXPECT_EQ(sink_->got, "abcde");
}

TEST_F(StreamedTest, OneThatIsTooLongIsRefusedUnread) {
  options_.limits.streamed_bytes = 1'000;
  start(options_);
  send_all("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1'001, 'x'));
  EXPECT_EQ(count(stream_.received(), "HTTP/1.1 413"), 1u);
  EXPECT_EQ(sink_->got, "");
}

TEST_F(StreamedTest, WhoSendsTooLittleInAMinuteIsCutOffAndWhoGoesOnIsNot) {
  start(options_);
  send_all("PUT /f HTTP/1.1\r\nHost: h\r\nContent-Length: 10000000\r\n\r\n");
  for (int minute = 0; minute < 5; ++minute) {
    send_all(std::string(70'000, 'x'));
    pass(seconds(50));
    EXPECT_EQ(stream_.received(), "") << minute;
  }
  pass(seconds(61));
  EXPECT_EQ(count(stream_.received(), "HTTP/1.1 408"), 1u);
}

TEST_F(StreamedTest, AResponseComesFromItsSource) {
  handler_ = [](Request) -> Task<Response> {
    Response response;
    response.stream = std::make_shared<Repeated>(700'000, false);
    response.stream_bytes = 700'000;
    co_return response;
  };
  start(options_);
  send_all(get("/f") + get("/g"));
  std::string received = stream_.received();
  EXPECT_EQ(count(received, "Content-Length: 700000\r\n"), 2u);
  EXPECT_EQ(std::ranges::count(received, 'b'), 1'400'000);
  EXPECT_TRUE(is_open());
}

TEST_F(StreamedTest, ASourceThatBreaksEndsTheConnection) {
  handler_ = [](Request) -> Task<Response> {
    Response response;
    response.stream = std::make_shared<Repeated>(700'000, true);
    response.stream_bytes = 700'000;
    co_return response;
  };
  start(options_);
  send_all(get("/f"));
  EXPECT_FALSE(is_open());
}

// A piece a second, "piece 1" and so on, and then the end.
class Ticking final : public BodySource {
 public:
  Ticking(Loop& loop, size_t pieces) : loop_(loop), pieces_(pieces) {}
  Task<Expected<std::string>> read(size_t) override {
    ++asked;
    if (asked > pieces_) co_return "";
    co_await sleep_for(loop_, seconds(1));
    co_return "piece " + std::to_string(asked);
  }
  size_t asked = 0;

 private:
  Loop& loop_;
  size_t pieces_;
};

class EndlessTest : public ConnectionTest {
 protected:
  void serve(size_t pieces, ConnectionOptions options = {}) {
    source_ = std::make_shared<Ticking>(loop_, pieces);
    handler_ = [this](Request) -> Task<Response> { return answer_ticking(source_); };
    start(options);
  }
  static Task<Response> answer_ticking(std::shared_ptr<Ticking> source) {
    Response response{200, {{"Transfer-Encoding", "chunked"}}, ""};
    response.stream = std::move(source);
    co_return response;
  }
  std::shared_ptr<Ticking> source_;
};

TEST_F(EndlessTest, PiecesGoOutAsTheyCome) {
  serve(2);
  send(get("/f"));
  EXPECT_TRUE(stream_.received().ends_with("Transfer-Encoding: chunked\r\n\r\n"));
  pass(seconds(1));
  EXPECT_EQ(stream_.received(), "7\r\npiece 1\r\n");
  pass(seconds(1));
  EXPECT_EQ(stream_.received(), "7\r\npiece 2\r\n0\r\n\r\n");
  send(get("/f"));
  EXPECT_EQ(count(stream_.received(), "HTTP/1.1 200"), 1u) << "the connection is good for another request";
}

TEST_F(EndlessTest, WithoutChunksTheConnectionEndsBehindIt) {
  serve(1);
  send("GET /f HTTP/1.0\r\n\r\n");
  pass(seconds(1));
  std::string received = stream_.received();
  EXPECT_TRUE(received.ends_with("\r\n\r\npiece 1")) << received;
  EXPECT_EQ(received.find("chunked"), std::string::npos);
  EXPECT_TRUE(stream_.has_ended_writing());
}

TEST_F(EndlessTest, NoMoreIsAskedForThanTheClientTakes) {
  serve(1'000, {.write_limit = seconds(10)});
  stream_.take_at_most(0);
  send(get("/f"));
  pass(seconds(5));
  EXPECT_EQ(source_->asked, 0u);
  stream_.take_at_most(SIZE_MAX);
  pass(seconds(5));
  EXPECT_GT(source_->asked, 3u);
  const size_t asked = source_->asked;
  stream_.take_at_most(0);
  pass(seconds(30));
  EXPECT_LE(source_->asked, asked + 1);
  EXPECT_FALSE(is_open()) << "who takes nothing is cut off";
}

TEST_F(ConnectionTest, StaysOpenBetweenRequests) {
  start();
  EXPECT_TRUE(state_.is_idle);
  for (int i = 0; i < 3; ++i) {
    send(get("/a"));
    EXPECT_TRUE(stream_.received().ends_with("for /a"));
    EXPECT_TRUE(is_open());
  }
  stream_.end();
  pass(Duration{});
  EXPECT_FALSE(is_open());
}

TEST_F(ConnectionTest, AnswersPipelinedRequestsInTheirOrder) {
  think_ = milliseconds(10);
  start();
  send(get("/1") + get("/2") + get("/3"));
  pass(milliseconds(100));
  std::string all = stream_.received();
  EXPECT_EQ(asked_, (std::vector<std::string>{"/1", "/2", "/3"}));
  EXPECT_LT(all.find("for /1"), all.find("for /2"));
  EXPECT_LT(all.find("for /2"), all.find("for /3"));
}

TEST_F(ConnectionTest, ClosesWhenAsked) {
  start();
  send(get("/a", "Connection: close\r\n"));
  EXPECT_NE(stream_.received().find("Connection: close"), std::string::npos);
  EXPECT_TRUE(stream_.has_ended_writing());
  stream_.end();
  pass(Duration{});
  EXPECT_FALSE(is_open());
}

TEST_F(ConnectionTest, RefusesAndCloses) {
  start();
  send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
       get("/smuggled"));
  std::string answer = stream_.received();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request")) << answer;
  EXPECT_EQ(count(answer, "HTTP/1.1"), 1u);
  pass(seconds(3));
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(asked_.empty());
}

// A client that still sends its 100 MB must be able to read why nobody wants them.
TEST_F(ConnectionTest, LingersAfterARefusal) {
  start({.limits = {.header_bytes = 1024, .body_bytes = 10}});
  send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000000\r\n\r\n");
  EXPECT_TRUE(stream_.received().starts_with("HTTP/1.1 413 Payload Too Large"));
  send(std::string(100'000, 'x'));
  EXPECT_TRUE(is_open());
  stream_.end();
  pass(Duration{});
  EXPECT_FALSE(is_open());
}

TEST_F(ConnectionTest, ClosesAnIdleOneWithoutAWord) {
  start({.idle_limit = seconds(75)});
  pass(seconds(74));
  EXPECT_TRUE(is_open());
  pass(seconds(2));
  EXPECT_FALSE(is_open());
  EXPECT_EQ(stream_.received(), "");
}

TEST_F(ConnectionTest, CutsOffAHeaderThatComesSlowly) {
  start({.header_limit = seconds(15)});
  for (char c : std::string_view("GET / HTTP/1.1\r\nHost: hhhhhhhhhhhhhhhhhhhhhhhhhhh")) {
    stream_.send(std::string(1, c));
    pass(seconds(1));
    if (!is_open()) break;
  }
  pass(seconds(3));
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(stream_.received().starts_with("HTTP/1.1 408 Request Timeout"));
  EXPECT_LE(loop_.now().us, seconds(30).us);
}

TEST_F(ConnectionTest, CutsOffABodyThatComesSlowly) {
  start({.header_limit = seconds(15), .request_limit = seconds(60)});
  send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
  for (int i = 0; i < 100 && is_open(); ++i) {
    stream_.send("x");
    pass(seconds(1));
  }
  pass(seconds(3));
  EXPECT_FALSE(is_open());
  EXPECT_TRUE(stream_.received().starts_with("HTTP/1.1 408"));
  EXPECT_GE(loop_.now().us, seconds(60).us);
  EXPECT_LE(loop_.now().us, seconds(70).us);
}

TEST_F(ConnectionTest, CutsOffAClientThatTakesNothing) {
  start({.write_limit = seconds(60)});
  stream_.take_at_most(10);
  send(get("/a"));
  EXPECT_TRUE(is_open());
  pass(seconds(59));
  stream_.take_at_most(10);
  pass(seconds(59));
  EXPECT_TRUE(is_open()) << "it took some";
  pass(seconds(2));
  EXPECT_FALSE(is_open());
}

TEST_F(ConnectionTest, WritesInPieces) {
  start();
  stream_.take_at_most(7);
  send(get("/a"));
  for (int i = 0; i < 50; ++i) {
    stream_.take_at_most(7);
    pass(Duration{});
  }
  EXPECT_TRUE(stream_.received().ends_with("for /a"));
}

TEST_F(ConnectionTest, LetsAClientContinue) {
  start();
  send("POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(stream_.received(), "HTTP/1.1 100 Continue\r\n\r\n");
  send("abc");
  EXPECT_EQ(asked_, std::vector<std::string>{"/cabc"});
}

TEST_F(ConnectionTest, GoesWithItsScopeWhateverItDoes) {
  think_ = seconds(10);
  start();
  send(get("/a") + get("/b"));
  EXPECT_TRUE(scope_.cancel(flow_));
  EXPECT_EQ(waits_.size(), 0u);
  pass(seconds(20));
  EXPECT_EQ(asked_, std::vector<std::string>{"/a"});
}

// Whoever sends without end must not keep the loop from everybody else.
TEST_F(ConnectionTest, YieldsBetweenPipelinedRequests) {
  handler_ = [this](Request request) { return at_once(std::move(request)); };
  start();
  bool others_ran = false;
  std::string many;
  for (int i = 0; i < 100; ++i) many += get("/n");
  stream_.send(many);
  loop_.post([&] { others_ran = asked_.size() < 100; });
  pass(Duration{});
  EXPECT_TRUE(others_ran);
  EXPECT_EQ(asked_.size(), 100u);
}

}  // namespace
}  // namespace kilonova::http
