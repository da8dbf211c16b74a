// JSON texts as models: whatever is in them, a model or a kerata::Error. Weights are left unset and limited, as when a
// file is read.
#include <cstdint>
#include <string_view>

#include "graph/deferred_content.h"
#include "models/model_config.h"
#include "saving/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kerata;
  try {
    const DeferredContent deferred(std::uint64_t{64} << 20, "input");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const Config config = saving::parse_json(text, "input");
    Model model = models::model_from_config(config);
    const Config* compile = config.is_object() ? config.find("compile_config") : nullptr;
    if (compile) models::compile_from_config(model, *compile);
    static_cast<void>(models::serialize_model(model.impl()));
  } catch (const Error&) {
  }
  return 0;
}
