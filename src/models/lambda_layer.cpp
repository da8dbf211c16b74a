#include "models/lambda_layer.h"

#include "core/require.h"
#include "layers/layer_state.h"

namespace kerata::models {
namespace {

class LambdaRecipe final : public detail::Recipe {
 public:
  LambdaRecipe(LambdaFunction function, Config config, std::string name)
      : function_(std::move(function)), config_(std::move(config)), name_(std::move(name)) {}
  Config config() const override { return config_; }
  std::shared_ptr<LayerBase> remake() const override;

 private:
  LambdaFunction function_;
  Config config_;
  std::string name_;
};

std::shared_ptr<LayerBase> make_lambda(const LambdaFunction& function, const Config& config, const std::string& name) {
  auto layer = std::make_shared<LambdaLayer>(function, config);
  detail::CommonOptions common;
  common.name = name;
  layer->adopt_recipe(std::make_unique<LambdaRecipe>(function, config, name), std::move(common));
  return layer;
}

std::shared_ptr<LayerBase> LambdaRecipe::remake() const { return make_lambda(function_, config_, name_); }

}  // namespace

std::shared_ptr<LayerBase> lambda_from_config(const Config& config, const LoadOptions& options) {
  const Config* fields = config.find("config");
  const Config* name = fields && fields->is_object() ? fields->find("name") : nullptr;
  require<ValueError>(name && name->is_text(), "Lambda", "A Lambda layer has no name: ", excerpt(config), '.');
  for (const auto& [layer, function] : options.lambdas)
    if (layer == name->as_text()) {
      require<ValueError>(static_cast<bool>(function), layer, "The function for the Lambda layer '", layer,
                          "' is empty.");
      return make_lambda(function, *fields, layer);
    }
  fail<ValueError>(
      name->as_text(), "Layer '", name->as_text(),
      "' is a Lambda layer. What it computes is Python code, and code from a file is never run. Hint: give "
      "a C++ function for it, LoadOptions{.lambdas = {{\"",
      name->as_text(), "\", [](const Tensor& x) { return ...; }}}}.");
}

}  // namespace kerata::models
