// EXPECT_ERROR: the type and the whole text of what is thrown.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "kerata/core/error.h"

#define EXPECT_ERROR(Type, statement, text)                                      \
  do {                                                                           \
    try {                                                                        \
      static_cast<void>(statement);                                              \
      ADD_FAILURE() << "Expected " #Type ", nothing was thrown.";                \
    } catch (const Type& error) {                                                \
      EXPECT_EQ(std::string(error.what()), std::string(text));                   \
    } catch (const kerata::Error& error) {                                       \
      ADD_FAILURE() << "Expected " #Type ", received another: " << error.what(); \
    }                                                                            \
  } while (false)

/// The text only has to hold `part`.
#define EXPECT_ERROR_WITH(Type, statement, part)                                          \
  do {                                                                                    \
    try {                                                                                 \
      static_cast<void>(statement);                                                       \
      ADD_FAILURE() << "Expected " #Type ", nothing was thrown.";                         \
    } catch (const Type& error) {                                                         \
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what(); \
    } catch (const kerata::Error& error) {                                                \
      ADD_FAILURE() << "Expected " #Type ", received another: " << error.what();          \
    }                                                                                     \
  } while (false)
