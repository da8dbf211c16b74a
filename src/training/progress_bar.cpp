#include "training/progress_bar.h"

#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace kerata::training {
namespace {

constexpr int kWidth = 20;
constexpr double kInterval = 0.05;

template <class... Args>
void append_format(std::string& text, const char* format, Args... args) {
  char buffer[96];
  const int length = std::snprintf(buffer, sizeof buffer, format, args...);
  text.append(buffer, static_cast<std::size_t>(length));
}

int digits(std::int64_t value) {
  int count = 1;
  while (value >= 10) value /= 10, ++count;
  return count;
}

// Characters, not bytes: the bar is drawn with three-byte ones.
std::size_t visible_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return width;
}

void append_time_left(std::string& text, double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds);
  if (seconds > 3600)
    append_format(text, "%lld:%02lld:%02lld", whole / 3600LL, whole % 3600LL / 60, whole % 60LL);
  else if (seconds > 60)
    append_format(text, "%lld:%02lld", whole / 60LL, whole % 60LL);
  else
    append_format(text, "%llds", static_cast<long long>(whole));
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void append_figure(std::string& text, double value, int verbose) {
  const bool plain = verbose == 2 ? value > 1e-3 : std::abs(value) > 1e-3;
  if (std::isnan(value))
    text += "nan";
  else if (plain)
    append_format(text, "%.4f", value);
  else
    append_format(text, "%.4e", value);
}

void append_step_time(std::string& text, double seconds) {
  if (seconds >= 1 || seconds == 0)
    append_format(text, " %.0fs/step", seconds);
  else if (seconds >= 1e-3)
    append_format(text, " %.0fms/step", seconds * 1e3);
  else
    append_format(text, " %.0fus/step", seconds * 1e6);
}

bool stdout_is_terminal() { return isatty(STDOUT_FILENO) != 0; }

void print_text(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

ProgressBar::ProgressBar(int verbose, std::int64_t target, bool terminal, Clock clock)
    : verbose_(verbose), target_(target), terminal_(terminal), clock_(clock), start_(clock()) {
  text_.reserve(1024);
}

bool ProgressBar::is_due(std::int64_t current) {
  now_ = clock_();
  if (current == 1) after_first_ = now_;
  return verbose_ == 1 && terminal_ && now_ - last_ >= kInterval;
}

// The first step holds the tracing: it is left out of the mean once there are more.
double ProgressBar::step_seconds(std::int64_t current, double now) const {
  if (current == 0) return 0;
  if (after_first_ >= 0 && current > 1) return (now - after_first_) / static_cast<double>(current - 1);
  return (now - start_) / static_cast<double>(current);
}

void ProgressBar::append_bar(std::int64_t current) {
  if (terminal_) text_ += "\x1b[1m", invisible_ += 8;
  append_format(text_, "%*lld/%lld", digits(target_), static_cast<long long>(current), static_cast<long long>(target_));
  if (terminal_) text_ += "\x1b[0m";
  text_ += ' ';
  const int done = static_cast<int>(kWidth * (static_cast<double>(current) / static_cast<double>(target_)));
  auto draw = [&](const char* colour, int count) {
    if (terminal_) text_ += colour, invisible_ += 9;
    for (int i = 0; i < count; ++i) text_ += "\u2501";
    if (terminal_) text_ += "\x1b[0m";
  };
  if (done > 0) draw("\x1b[32m", done);
  draw("\x1b[37m", kWidth - done);
}

void ProgressBar::append_figures(std::span<const Logs::Entry> figures) {
  for (const auto& [name, value] : figures) {
    text_ += " - ";
    text_ += name;
    text_ += ": ";
    append_figure(text_, value, verbose_);
  }
}

void ProgressBar::print(std::int64_t current, std::span<const Logs::Entry> figures, bool finalize) {
  if (verbose_ == 0 || target_ <= 0 || (!finalize && !(verbose_ == 1 && terminal_))) return;
  if (finalize) now_ = clock_();
  const double now = now_, each = step_seconds(current, now);
  text_.clear();
  invisible_ = 0;
  if (verbose_ == 2) {
    append_format(text_, "%*lld/%lld - %.0fs -", digits(target_), static_cast<long long>(current),
                  static_cast<long long>(target_), now - start_);
  } else {
    if (terminal_) text_.append(previous_width_, '\b').append("\r");
    const std::size_t before = text_.size();
    append_bar(current);
    text_ += terminal_ ? " \x1b[1m" : " ";
    if (finalize)
      append_format(text_, "%.0fs", now - start_);
    else
      append_time_left(text_, each * static_cast<double>(target_ - current));
    if (terminal_) text_ += "\x1b[0m", invisible_ += 8;
    append_step_time(text_, each);
    append_figures(figures);
    const std::size_t width = visible_width(std::string_view(text_).substr(before)) - invisible_;
    if (terminal_ && previous_width_ > width) text_.append(previous_width_ - width, ' ');
    previous_width_ = width;
  }
  if (verbose_ == 2) append_step_time(text_, each), append_figures(figures);
  if (finalize) text_ += '\n';
  print_text(text_);
  last_ = now;
}

}  // namespace kerata::training
