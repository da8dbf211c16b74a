#include "kerata/training/save_frequency.h"

#include "core/require.h"

namespace kerata::callbacks {

SaveFrequency::SaveFrequency(int batches) : batches_(batches) {
  require<ValueError>(batches >= 1, "SaveFrequency", "save_freq must be \"epoch\" or at least 1 batch. Received ",
                      batches, ".");
}

bool SaveFrequency::is_due(int batch) {
  if (is_epoch()) return false;
  seen_ += batch <= last_ ? batch + 1 : batch - last_;  // a number that does not grow begins an epoch
  last_ = batch;
  if (seen_ < batches_) return false;
  seen_ = 0;
  return true;
}

}  // namespace kerata::callbacks
