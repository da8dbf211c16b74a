// Logs, History, Scores: figures by name.
#include <algorithm>

#include "core/near_name.h"
#include "core/require.h"
#include "kerata/models/callback.h"
#include "kerata/models/history.h"
#include "kerata/models/scores.h"

namespace kerata {
namespace {

[[noreturn]] void fail_unknown(std::string_view where, std::string_view name,
                               const std::vector<std::string_view>& known) {
  std::string list;
  for (const std::string_view each : known) list.append(list.empty() ? "\"" : ", \"").append(each).append("\"");
  fail<ValueError>(where, "There is no \"", name,
                   "\". Expected one of: ", list.empty() ? std::string("(nothing)") : list, '.');
}

}  // namespace

Logs::Logs(const std::vector<std::string>& names, const Source* source) : source_(source), stale_(source != nullptr) {
  entries_.reserve(names.size() + 4);
  for (const std::string& name : names) entries_.emplace_back(name, 0.0);
}

void Logs::fetch() const {
  if (!stale_) return;
  stale_ = false;
  source_->read(entries_);
}

double Logs::operator[](std::string_view name) const {
  fetch();
  std::vector<std::string_view> known;
  for (const Entry& entry : entries_)
    if (entry.first == name) return entry.second;
  for (const Entry& entry : entries_) known.push_back(entry.first);
  fail_unknown("Logs", name, known);
}

bool Logs::contains(std::string_view name) const {
  return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.first == name; });
}

void Logs::set(std::string_view name, double value) const {
  fetch();
  for (Entry& entry : entries_)
    if (entry.first == name) {
      entry.second = value;
      return;
    }
  entries_.emplace_back(std::string(name), value);
}

bool Logs::empty() const { return entries_.empty(); }
const Logs::Entry* Logs::begin() const {
  fetch();
  return entries_.data();
}
const Logs::Entry* Logs::end() const {
  fetch();
  return entries_.data() + entries_.size();
}

Model& Callback::model() const {
  require<StateError>(model_ != nullptr, "Callback",
                      "No model runs. Hint: use model() inside of a hook, during fit(), evaluate() or predict().");
  return *model_;
}

const std::vector<double>& History::operator[](std::string_view name) const& {
  const auto found = history.find(std::string(name));
  if (found != history.end()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& [key, values] : history) known.push_back(key);
  fail_unknown("History", name, known);
}
std::vector<double> History::operator[](std::string_view name) && { return std::as_const(*this)[name]; }

double Scores::operator[](std::size_t index) const {
  require<ValueError>(index < values_.size(), "Scores", "There is no figure ", index, ". Expected an index below ",
                      values_.size(), '.');
  return values_[index];
}
double Scores::operator[](std::string_view name) const {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (names_[i] == name) return values_[i];
  fail_unknown("Scores", name, {names_.begin(), names_.end()});
}
void Scores::check_count(std::size_t count) const {
  require<ValueError>(values_.size() == count, "Scores.unpack", "Expected ", count, " figures, there are ",
                      values_.size(), '.');
}

}  // namespace kerata
