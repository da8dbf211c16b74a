// SaveFrequency: when a callback saves.
#pragma once

#include "kerata/core/choice.h"

#pragma GCC visibility push(default)

namespace kerata {
namespace callbacks {

/// "epoch", or a number of batches.
class SaveFrequency {
 public:
  /// Another word does not compile.
  consteval SaveFrequency(const char* word) {
    if (std::string_view(word) != "epoch") error_this_word_is_not_one_of_the_allowed_ones();
  }
  /// Throws ValueError below 1.
  SaveFrequency(int batches);
  bool is_epoch() const { return batches_ == 0; }

  // For the library's own code:
  /// Counts the batches up to this one of the running epoch; true each time that enough have gone by.
  bool is_due(int batch);
  /// The batch that was counted last.
  int last_batch() const { return last_ < 0 ? 0 : last_; }

 private:
  int batches_ = 0, seen_ = 0, last_ = -1;
};

}  // namespace callbacks
}  // namespace kerata

#pragma GCC visibility pop
