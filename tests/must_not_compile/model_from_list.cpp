// A model is not made from braces behind one's back.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

void show(const Model& model) { model.summary(); }
#ifdef FIXED
void run(const Tensor& x, const Tensor& y) { show(Model(x, y)); }
#else
void run(const Tensor& x, const Tensor& y) { show({x, y}); }
#endif
