// HTTP against a server that behaves well or badly, as the path says.
#include <cstdlib>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/clients/client_test.h"
#include "vm/clients/http_client.h"

using namespace relux;
using namespace relux::clients;

using Json = nlohmann::ordered_json;

namespace {

std::string at(const std::string& path) {
    return "http://127.0.0.1:" + port_of("HTTP") + path;
}

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return request;
}

class HttpTest : public ClientTest {
  public:
    Answer<HttpResponse> send(const HttpRequest& request, Duration timeout = kLong) {
        HttpClient client(loop(), options);
        return wait(client.send(request, CallLimits(timeout)));
    }
    Failure failure_of(const std::string& path, Duration timeout = kLong) {
        auto answer = send(get(path.starts_with("http") ? path : at(path)), timeout);
        REQUIRE_FALSE(answer);
        INFO(answer.error().message);
        return answer.error();
    }
    Json echo(const HttpRequest& request) {
        auto answer = send(request);
        REQUIRE_MESSAGE(answer, explain(answer));
        return Json::parse(answer->body);
    }
    HttpClientOptions options;
};

std::vector<std::string> values_of(const Json& echoed, std::string_view name) {
    std::vector<std::string> values;
    for (const auto& header : echoed["headers"]) {
        if (same_header_name(header[0].get<std::string>(), name)) values.push_back(header[1]);
    }
    return values;
}

}  // namespace

TEST_CASE_FIXTURE(HttpTest, "a response has status, headers in order with repeated names, and a body") {
    const auto answer = send(get(at("/repeated")));
    REQUIRE_MESSAGE(answer, explain(answer));
    CHECK(answer->status == 200);
    std::string headers;
    for (const HttpHeader& header : answer->headers) {
        if (header.name != "Date" && header.name != "Server")
            headers += header.name + "=" + header.value + "|";
    }
    CHECK(headers == "X-One=1|Set-Cookie=a=1|Set-Cookie=b=2|X-Empty=|Content-Length=0|");
    CHECK(answer->url == at("/repeated"));
    for (const int status : {204, 404, 500}) {
        const auto other = send(get(at("/status?code=" + std::to_string(status))));
        REQUIRE_MESSAGE(other, explain(other));
        CHECK(other->status == status);
    }
}

TEST_CASE_FIXTURE(HttpTest, "method, headers and body arrive as given") {
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"}) {
        HttpRequest request = get(at("/echo"));
        request.method = method;
        request.body = std::string("{\"a\": 1}");
        request.headers = {
            {"Content-Type", "application/json"}, {"X-Twice", "1"}, {"X-Twice", "2"}, {"X-None", ""}};
        const Json said = echo(request);
        CHECK(said["method"] == method);
        CHECK(said["body"] == "{\"a\": 1}");
        CHECK(values_of(said, "content-type") == std::vector<std::string>{"application/json"});
        CHECK(values_of(said, "X-Twice") == std::vector<std::string>{"1", "2"});
        CHECK(values_of(said, "X-None") == std::vector<std::string>{""});
        CHECK(values_of(said, "Content-Length") == std::vector<std::string>{"8"});
    }
    HttpRequest head = get(at("/echo"));
    head.method = "HEAD";
    const auto answer = send(head);
    REQUIRE_MESSAGE(answer, explain(answer));
    CHECK(answer->body.empty());
    CHECK(find_header(answer->headers, "content-length") != nullptr);
}

TEST_CASE_FIXTURE(HttpTest, "curl adds no type and no wait of its own to a body") {
    HttpRequest request = get(at("/echo"));
    request.method = "POST";
    request.body = std::string(3 << 20, 'b');
    const Json said = echo(request);
    CHECK(values_of(said, "Content-Type").empty());
    CHECK(values_of(said, "Expect").empty());
    CHECK(said["body"].get<std::string>().size() == 3 << 20);
    request.body.reset();
    CHECK(values_of(echo(request), "Content-Length") == std::vector<std::string>{"0"});
}

TEST_CASE_FIXTURE(HttpTest, "what must not stand in a URL is encoded, what is encoded stays") {
    CHECK(echo(get(at("/echo?q=a b&r=%20\"<\xC3\xA9>")))["path"] == "/echo?q=a+b&r=%20\"<%c3%a9>");
}

TEST_CASE_FIXTURE(HttpTest, "chunked, compressed and interim responses") {
    auto chunked = send(get(at("/chunked")));
    REQUIRE_MESSAGE(chunked, explain(chunked));
    CHECK(chunked->body == "first second third");
    auto gzip = send(get(at("/gzip")));
    REQUIRE_MESSAGE(gzip, explain(gzip));
    CHECK(gzip->body == "compressed text");
    auto interim = send(get(at("/interim")));
    REQUIRE_MESSAGE(interim, explain(interim));
    CHECK(interim->status == 200);
    CHECK(interim->body == "late");
    CHECK(find_header(interim->headers, "X-Early") == nullptr);
}

TEST_CASE_FIXTURE(HttpTest, "redirects are followed, ten at most") {
    CHECK(echo(get(at("/countdown?left=8")))["path"] == "/echo");
    CHECK(echo(get(at("/countdown?left=9")))["path"] == "/echo");
    const Failure failure = failure_of("/countdown?left=10");
    CHECK(failure.kind == FailureKind::Refused);
    CHECK(failure_of("/loop").message.find("more than 10 redirects") != std::string::npos);
    const auto nowhere = send(get(at("/nowhere")));
    REQUIRE_MESSAGE(nowhere, explain(nowhere));
    CHECK(nowhere->status == 302);
    CHECK(failure_of("/redirect?to=file:///etc/passwd").kind == FailureKind::Refused);
}

TEST_CASE_FIXTURE(HttpTest, "a redirect keeps the method and the body, or asks for GET, as its status says") {
    struct Row {
        const char* method;
        int status;
        const char* then;
    };
    for (const Row& row : {Row{"POST", 301, "GET"}, Row{"POST", 302, "GET"}, Row{"POST", 303, "GET"},
                           Row{"POST", 307, "POST"}, Row{"POST", 308, "POST"}, Row{"PUT", 302, "PUT"},
                           Row{"PUT", 303, "GET"}, Row{"DELETE", 307, "DELETE"}}) {
        HttpRequest request = get(at("/redirect?status=" + std::to_string(row.status) + "&to=/echo"));
        request.method = row.method;
        request.body = std::string("text");
        request.headers = {{"Content-Type", "text/plain"}, {"Authorization", "Bearer x"}};
        const Json said = echo(request);
        CHECK(said["method"] == row.then);
        const bool keeps_body = said["method"] != "GET";
        CHECK(said["body"] == (keeps_body ? "text" : ""));
        CHECK(values_of(said, "Content-Type").size() == (keeps_body ? 1 : 0));
        CHECK(values_of(said, "Authorization").size() == 1);
    }
}

TEST_CASE_FIXTURE(HttpTest, "credentials stay with the origin they were given for") {
    HttpRequest request = get(at("/redirect?to=http://localhost:" + port_of("HTTP") + "/echo"));
    request.headers = {{"Authorization", "Bearer x"}, {"Cookie", "a=b"}, {"X-Other", "kept"}};
    const Json said = echo(request);
    CHECK(values_of(said, "Authorization").empty());
    CHECK(values_of(said, "Cookie").empty());
    CHECK(values_of(said, "X-Other").size() == 1);
    // In a message, they are left out.
    const std::string url = "http://user:hidden@127.0.0.1:" + port_of("CLOSED") + "/";
    CHECK(failure_of(url).message.find("hidden") == std::string::npos);
}

TEST_CASE_FIXTURE(HttpTest, "a connection is used again, and one that the server closed is made anew") {
    HttpClient client(loop());
    const auto count = [&] {
        auto answer = wait(client.send(get(at("/connections")), CallLimits(kLong)));
        REQUIRE_MESSAGE(answer, explain(answer));
        return std::stoi(answer->body);
    };
    const int first = count();
    for (int i = 0; i < 5; ++i)
        CHECK(count() == first);
    auto bye = wait(client.send(get(at("/goodbye")), CallLimits(kLong)));
    REQUIRE_MESSAGE(bye, explain(bye));
    CHECK(count() == first + 1);
}

TEST_CASE_FIXTURE(HttpTest, "many calls at once") {
    HttpClient client(loop());
    std::vector<std::optional<Answer<HttpResponse>>> answers(60);
    for (auto& answer : answers)
        start(client.send(get(at("/large?megabytes=1")), CallLimits(kLong)), answer);
    run_until(
        [&] { return std::all_of(answers.begin(), answers.end(), [](auto& a) { return a.has_value(); }); });
    for (const auto& answer : answers) {
        REQUIRE_MESSAGE(*answer, explain(*answer));
        CHECK((*answer)->body.size() == 1 << 20);
    }
}

TEST_CASE_FIXTURE(HttpTest,
                  "time-outs: no response, half a response, no connection, no handshake, no address") {
    for (const char* path : {"/never", "/slow"}) {
        const Failure failure = failure_of(path, 50ms);
        CHECK(failure.kind == FailureKind::TimedOut);
        CHECK(failure.message.find("timed out after 50ms") != std::string::npos);
    }
    for (const char* scheme : {"http", "https"}) {
        const Failure failure =
            failure_of(std::string(scheme) + "://127.0.0.1:" + port_of("SILENT") + "/", 50ms);
        CHECK(failure.kind == FailureKind::TimedOut);
    }
    const HangingLookups hanging;
    CHECK(failure_of("http://hanging.test/", 50ms).kind == FailureKind::TimedOut);
}

TEST_CASE_FIXTURE(HttpTest, "cancellation: before, during, and a later call") {
    Cancellation cancellation;
    HttpClient client(loop());
    std::optional<Answer<HttpResponse>> first;
    std::optional<Answer<HttpResponse>> second;
    start(client.send(get(at("/never")), CallLimits(kLong, &cancellation)), first);
    start(client.send(get(at("/slow")), CallLimits(kLong, &cancellation)), second);
    later(20ms, [&] { cancellation.cancel(); });
    run_until([&] { return first && second; });
    for (const auto* answer : {&first, &second}) {
        REQUIRE_FALSE(**answer);
        CHECK((*answer)->error().kind == FailureKind::Cancelled);
        INFO((*answer)->error().message);
    }
    auto third = wait(client.send(get(at("/echo")), CallLimits(kLong, &cancellation)));
    CHECK(third.error().kind == FailureKind::Cancelled);
    auto fourth = wait(client.send(get(at("/echo")), CallLimits(kLong)));
    CHECK(fourth);
}

TEST_CASE_FIXTURE(HttpTest, "connections that break, and what is no HTTP") {
    for (const char* path : {"/half", "/empty", "/garbage"}) {
        CHECK(failure_of(path).kind == FailureKind::Protocol);
    }
    CHECK(failure_of("http://127.0.0.1:" + port_of("CLOSING") + "/").kind == FailureKind::Protocol);
    HttpRequest large = get("http://127.0.0.1:" + port_of("CLOSING") + "/");
    large.method = "POST";
    large.body = std::string(20 << 20, 'x');
    CHECK(send(large).error().kind == FailureKind::Protocol);
    CHECK(failure_of("http://127.0.0.1:" + port_of("BABBLING") + "/").kind == FailureKind::Protocol);
    CHECK(failure_of("http://127.0.0.1:" + port_of("CLOSED") + "/").kind == FailureKind::Connect);
    CHECK(failure_of("http://no-such-host.invalid/").kind == FailureKind::Connect);
}

TEST_CASE_FIXTURE(HttpTest, "a body up to the limit") {
    const auto all = send(get(at("/large?megabytes=64")));
    REQUIRE_MESSAGE(all, explain(all));
    CHECK(all->body.size() == std::size_t{64} << 20);
    for (const char* path : {"/large?megabytes=65", "/large?megabytes=100", "/endless", "/bomb"}) {
        const Failure failure = failure_of(path);
        CHECK(failure.kind == FailureKind::TooLarge);
        CHECK(failure.message.find("67108864 bytes") != std::string::npos);
    }
    options.body_limit = std::size_t{101} << 20;
    const auto hundred = send(get(at("/large?megabytes=100")));
    REQUIRE_MESSAGE(hundred, explain(hundred));
    CHECK(hundred->body.size() == std::size_t{100} << 20);
    CHECK(failure_of("/headers?count=300").kind == FailureKind::TooLarge);
}

TEST_CASE_FIXTURE(HttpTest, "certificates are verified") {
    const std::string url = "https://127.0.0.1:" + port_of("HTTPS") + "/echo";
    CHECK(failure_of(url).kind == FailureKind::Connect);
    options.certificates = setting("CERTIFICATE");
    CHECK(echo(get(url))["path"] == "/echo");
    // The certificate is for the address, not for this name.
    CHECK(failure_of("https://localhost:" + port_of("HTTPS") + "/echo").kind == FailureKind::Connect);
}

TEST_CASE_FIXTURE(HttpTest, "the proxy variables of the environment count") {
    ::setenv("http_proxy", at("").c_str(), 1);
    const auto through = send(get("http://somewhere.invalid/x"));
    ::setenv("no_proxy", "somewhere.invalid", 1);
    const auto directly = send(get("http://somewhere.invalid/x"));
    ::unsetenv("http_proxy");
    ::unsetenv("no_proxy");
    REQUIRE_MESSAGE(through, explain(through));
    CHECK(through->body == "nothing at http://somewhere.invalid/x");
    CHECK_FALSE(directly);
}

TEST_CASE_FIXTURE(HttpTest, "requests that make no sense are refused") {
    for (const char* url : {"", "127.0.0.1/x", "ftp://127.0.0.1/", "http://", "http://a:b:c/",
                            "http://127.0.0.1\n/", "http://user:hidden@a:b/"}) {
        const auto answer = send(get(url));
        REQUIRE_FALSE(answer);
        CHECK(answer.error().message.find("hidden") == std::string::npos);
        CHECK(answer.error().kind == FailureKind::Refused);
        INFO(answer.error().message);
    }
    HttpRequest request = get(at("/echo"));
    request.headers = {{"X-A", "1\r\nX-B: 2"}};
    CHECK(send(request).error().kind == FailureKind::Refused);
    request.headers = {{"X A", "1"}};
    CHECK(send(request).error().kind == FailureKind::Refused);
    request.headers.clear();
    request.method = "GET /x HTTP/1.1\r\n";
    CHECK(send(request).error().kind == FailureKind::Refused);
    request.method = "HEAD";
    request.body = "";
    CHECK(send(request).error().kind == FailureKind::Refused);
}
