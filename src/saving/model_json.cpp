// Models as JSON text.
#include "models/model_config.h"
#include "saving/json.h"

namespace kerata {

std::string Model::to_json() const { return saving::to_json(models::serialize_model(impl())); }

Model model_from_json(std::string_view json, const LoadOptions& options) {
  const Config config = saving::parse_json(json, "model_from_json");
  Model model = models::model_from_config(config, options);
  const Config* compile = config.is_object() ? config.find("compile_config") : nullptr;
  if (options.compile && compile) models::compile_from_config(model, *compile);
  return model;
}

}  // namespace kerata
