// Models as JSON text.
#include "models/model_config.h"
#include "saving/json.h"

namespace kerata {

std::string Model::to_json() const { return saving::to_json(models::serialize_model(impl())); }

Model model_from_json(std::string_view json, const LoadOptions& options) {
  return models::model_from_config(saving::parse_json(json, "model_from_json"), options);
}

}  // namespace kerata
