#include "kerata/graph/variable.h"

#include <gtest/gtest.h>

#include "graph/node.h"
#include "graph/scope.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/math.h"
#include "support/errors.h"

namespace kerata {
namespace {

TEST(Variable, AssignReplacesTheContentForAllCopies) {
  const Variable v("v", Role::trainable, ops::array({1.0, 2.0}));
  const Variable same = v;
  const Tensor before = v.value();
  same.assign(ops::array({3, 4}));
  EXPECT_EQ(Tensor(v).to_vector<float>(), (std::vector<float>{3, 4}));
  EXPECT_EQ(before.to_vector<float>(), (std::vector<float>{1, 2}));
  EXPECT_ERROR(ShapeError, v.assign(ops::array({1.0})),
               "[Variable.assign] 'v' has another shape. Expected (2,), received (1,).");
}

TEST(Variable, UpdatesOfAnEagerScopeAreSeenInsideAndCommittedTogether) {
  const Variable a("a", Role::non_trainable, ops::array({1.0})), b("b", Role::non_trainable, ops::array({2.0}));
  {
    Scope scope(Mode::eager, true);
    CallContext context;
    const Tensor old_a = a;
    context.update(a, b);
    context.update(b, old_a);
    EXPECT_EQ(Tensor(a).item(), 2);
    EXPECT_EQ(a.value().item(), 1);
    scope.commit();
  }
  EXPECT_EQ(a.value().item(), 2);
  EXPECT_EQ(b.value().item(), 1);
}

TEST(Variable, ComputedUpdatesReadTheOldContent) {
  const Variable a("a", Role::non_trainable, ops::array({1.0})), b("b", Role::non_trainable, ops::array({2.0}));
  {
    Scope scope(Mode::eager, true);
    scope.update(a, a + b);
    scope.update(b, b * 10);
    scope.commit();
  }
  EXPECT_EQ(a.value().item(), 3);
  EXPECT_EQ(b.value().item(), 20);
}

TEST(Variable, UpdatesAreDroppedWithTheScope) {
  const Variable v("v", Role::non_trainable, ops::array({1.0}));
  {
    Scope scope(Mode::eager, true);
    scope.update(v, ops::array({5.0}));
  }
  EXPECT_EQ(v.value().item(), 1);
}

TEST(Variable, CannotBeAssignedWhileTracing) {
  const Variable v("v", Role::trainable, ops::array({1.0}));
  const Scope scope(Mode::trace, false);
  EXPECT_ERROR(
      StateError, v.assign(ops::array({2.0})),
      "[Variable.assign] 'v' cannot be assigned while a call is traced. Hint: context.update(variable, value).");
}

}  // namespace
}  // namespace kerata
