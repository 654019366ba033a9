// The queue between the loop and the thread. The mutex is held for moments only, never while SQLite works.
#include "vm/clients/sqlite_client.h"

#include <utility>

#include "vm/clients/quiet_thread.h"

namespace relux::clients {

struct SqliteClient::Job {
    std::string sql;
    // Guarded by the client's mutex:
    CallGuard* guard = nullptr;  // null once nobody waits for it
    bool given_up = false;
    std::optional<Answer<SqliteResult>> answer;
};

// From the queueing of a job to the end of its call, whichever way that ends.
class SqliteClient::Interest {
  public:
    Interest(SqliteClient& client, std::shared_ptr<Job> job) : client_(client), job_(std::move(job)) {
        const std::lock_guard lock(client_.mutex_);
        client_.jobs_.push_back(job_);
        client_.changed_.notify_all();
    }
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;
    ~Interest() { client_.give_up(*job_); }

    bool done() const {
        const std::lock_guard lock(client_.mutex_);
        return job_->answer.has_value();
    }
    bool started() const {
        const std::lock_guard lock(client_.mutex_);
        return client_.running_ == job_ || job_->answer.has_value();
    }

  private:
    SqliteClient& client_;
    std::shared_ptr<Job> job_;
};

SqliteClient::SqliteClient(io::Loop& loop, std::string path)
    : SqliteClient(loop, std::move(path), SqliteDatabase::Limits()) {}

SqliteClient::SqliteClient(io::Loop& loop, std::string path, SqliteDatabase::Limits limits)
    : loop_(loop),
      path_(std::move(path)),
      database_(
          limits, [this](Duration duration) { return wait(duration); }, [this] { return given_up(); }) {}

SqliteClient::~SqliteClient() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        if (running_ != nullptr) database_.interrupt();
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

io::Task<Answer<SqliteResult>> SqliteClient::query(std::string sql, CallLimits limits) {
    CallGuard guard(loop_, limits);
    const std::string call = "SQLite " + excerpt(path_) + ", query " + excerpt(sql);
    if ((sql + path_).find('\0') != std::string::npos)
        co_return Failure{FailureKind::Refused, call + ": there is a zero byte in it"};
    if (const Status started = start_thread(); !started)
        co_return Failure{FailureKind::Connect, call + ": " + started.error().message};
    const auto job = std::make_shared<Job>();
    job->sql = std::move(sql);
    job->guard = &guard;
    const Interest interest(*this, job);
    while (!interest.done()) {
        if (guard.stopped())
            co_return guard.failure(call, interest.started() ? "" : "waiting for an earlier query");
        co_await guard.wait();
    }
    if (*job->answer) co_return std::move(**job->answer);
    Failure failure = job->answer->error();
    failure.message = call + ": " + failure.message;
    co_return failure;
}

Status SqliteClient::start_thread() {
    if (thread_.joinable()) return Done{};
    auto thread = start_quiet_thread([this] { work(); });
    if (!thread) return thread.error();
    thread_ = std::move(*thread);
    return Done{};
}

// The interrupt is for the job that runs now: under the mutex no other one can begin.
void SqliteClient::give_up(Job& job) {
    const std::lock_guard lock(mutex_);
    job.guard = nullptr;
    job.given_up = true;
    if (running_.get() == &job) database_.interrupt();
    changed_.notify_all();
}

// On the thread

void SqliteClient::work() {
    while (const std::shared_ptr<Job> job = next_job())
        finish(job, run(*job));
    database_.close();  // may have to write
}

std::shared_ptr<SqliteClient::Job> SqliteClient::next_job() {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (ending_) return nullptr;
        while (!jobs_.empty()) {
            running_ = std::move(jobs_.front());
            jobs_.pop_front();
            if (!running_->given_up) return running_;
        }
        running_ = nullptr;
        changed_.wait(lock);
    }
}

Answer<SqliteResult> SqliteClient::run(const Job& job) {
    if (!opened_) {
        const auto opened = database_.open(path_);
        if (!opened) return opened.error();
        opened_ = true;
    }
    return database_.run(job.sql);
}

void SqliteClient::finish(const std::shared_ptr<Job>& job, Answer<SqliteResult> answer) {
    const std::lock_guard lock(mutex_);
    running_ = nullptr;
    job->answer = std::move(answer);
    if (job->guard == nullptr) return;
    // The loop is there as long as the guard is. The client may be gone when it comes to this, but not the
    // guard without the job's knowing: both are of the loop's thread.
    loop_.post([job] {
        if (job->guard != nullptr) job->guard->wake();
    });
}

bool SqliteClient::given_up() {
    const std::lock_guard lock(mutex_);
    return ending_ || running_ == nullptr || running_->given_up;
}

bool SqliteClient::wait(Duration duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, duration, [this] { return ending_ || running_->given_up; });
    return !ending_ && !running_->given_up;
}

}  // namespace relux::clients
