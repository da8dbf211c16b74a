// Tests of what runs by cuDNN: on a GPU by the real one, else by the emulated one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "backend/determinism.h"
#include "backend/tensor_float_32.h"
#include "cuda/both_devices.h"
#include "cuda/driver/cudnn.h"
#include "cuda/driver_log.h"

namespace kerata {

inline bool is_emulated() { return std::getenv("KERATA_EMULATED_CUDNN") != nullptr; }

class CudaCudnn : public ::testing::Test {
 protected:
  void SetUp() override {
    static_cast<void>(ops::zeros({1}).to(Device::cuda()));  // the log begins with the first call
    if (!cuda::cudnn_handle(0)) GTEST_SKIP() << "There is no cuDNN here.";
  }
  void TearDown() override {
    set_deterministic_ops(false);
    set_tensor_float_32(false);
    unsetenv("KERATA_EMULATED_CUDNN_REFUSES");
  }
  static void refuse(const char* what) { setenv("KERATA_EMULATED_CUDNN_REFUSES", what, 1); }

  /// How often the emulated cuDNN has been given work since the last look.
  int executions() { return is_emulated() ? log_.since_last()["library"] : 0; }
  void expect_executions(int count, const std::string& what) {
    if (!is_emulated()) return;
    EXPECT_EQ(executions(), count) << what;
  }
  Noise noise_;

 private:
  DriverLog log_;
};

}  // namespace kerata
