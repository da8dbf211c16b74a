// Keras's progress line, for a terminal and for a log.
#pragma once

#include <chrono>
#include <span>

#include "core/warning.h"
#include "kerata/models/callback.h"

namespace kerata::training {

/// Seconds since some moment; tests put a clock of their own here.
using Clock = double (*)();
double steady_seconds();

/// One line that grows while an epoch runs (verbose 1) or is printed at its end (verbose 2). In a log, where carriage
/// returns and colours would be noise, only the last state is printed. Allocates nothing after the first line.
class ProgressBar {
 public:
  /// target: steps in all.
  ProgressBar(int verbose, std::int64_t target, bool terminal, Clock clock = steady_seconds);
  /// Whether a line is due: a twentieth of a second after the last one. Counts the step.
  bool is_due(std::int64_t current);
  /// Prints the state after `current` steps, of which is_due() was told.
  void print(std::int64_t current, std::span<const Logs::Entry> figures, bool finalize);

 private:
  double step_seconds(std::int64_t current, double now) const;
  void append_figures(std::span<const Logs::Entry> figures);
  void append_bar(std::int64_t current);

  int verbose_;
  std::int64_t target_;
  bool terminal_;
  Clock clock_;
  double start_, now_ = 0, last_ = -1e9, after_first_ = -1;
  std::size_t previous_width_ = 0, invisible_ = 0;
  std::string text_;
};

/// "1.3770", or "1.0000e-04" for small values, as Keras prints a figure. Verbose 2 also prints negative ones so.
void append_figure(std::string& text, double value, int verbose);
/// " 30ms/step", " 5us/step", " 2s/step".
void append_step_time(std::string& text, double seconds);
/// Whether standard output is a terminal.
bool stdout_is_terminal();
/// Writes to standard output at once.
void print_text(std::string_view text);
using kerata::print_warning;

}  // namespace kerata::training
