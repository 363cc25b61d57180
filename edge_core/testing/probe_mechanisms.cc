// The mechanisms on domains that a test makes up: what they guarantee and show, for every truth that is asked about.
//
// A line: mechanism parameters; axes (name, values, metric); phrases (name, axes); truths; coins. Also: "format" and
// "log_up" and "coins", for numbers alone.
#include "mechanisms/printing.h"
#include "mechanisms/protocol.h"
#include "request_line.h"

namespace {

using namespace obclip;
using namespace obclip::testing;

std::string error_of(const Error& error) {
  return "{\"error\":" + quoted(error.message) + ",\"kind\":" + std::to_string(static_cast<int>(error.kind)) + "}";
}

std::string rows_of(const Rows& rows) {
  return list(rows, [](const Choice& row) { return list(row, [](int v) { return std::to_string(v); }); });
}

Result<std::unique_ptr<Mechanism>> mechanism_of(Request& in) {
  const std::string_view name = in.word();
  if (name == "closed") return make_closed(in.number());
  if (name == "cover") return make_cover(in.number());
  if (name == "cells") return make_cells(in.number());
  if (name == "local") return make_local();
  if (name == "neutral") return make_neutral();
  if (name == "epsilon") {
    const double epsilon = in.real();
    return make_k_subset(epsilon, in.number());
  }
  const auto ratio = Ratio::of_text(in.word());
  return make_k_subset(ratio.value_or(Ratio(1)), in.number());
}

std::shared_ptr<const Ruler> ruler_of(Request& in, const Axis& axis) {
  if (in.word() == "plain") return plain_ruler(axis);
  const std::size_t n = axis.values.size();
  std::vector<Ruler::Row> apart(n, Ruler::Row(n, 0));
  for (auto& row : apart)
    for (auto& cell : row) cell = in.number();
  Ruler::Row prior(n);
  for (auto& weight : prior) weight = in.number();
  std::vector<bool> first;
  for (std::size_t i = 0; i < n; ++i) first.push_back(in.number() != 0);
  const auto silent = static_cast<int>(in.number());
  return std::make_shared<Ruler>(apart, prior, first, silent < 0 ? std::nullopt : std::optional(silent));
}

Domain domain_of(Request& in) {
  std::vector<Axis> axes;
  std::vector<std::shared_ptr<const Ruler>> rulers;
  for (std::int64_t n = in.number(); n > 0; --n) {
    Axis axis{in.text(), {}};
    for (std::int64_t v = in.number(); v > 0; --v) axis.values.push_back(in.text());
    rulers.push_back(ruler_of(in, axis));
    axes.push_back(axis);
  }
  Phrases phrases;
  Text template_text;
  for (std::int64_t n = in.number(); n > 0; --n) {
    const Text name = in.text();
    Phrase phrase;
    std::int64_t texts = 1;
    for (std::int64_t a = in.number(); a > 0; --a) {
      phrase.axes.push_back(static_cast<int>(in.number()));
      texts = std::min<std::int64_t>(texts * axes[phrase.axes.back()].size(), 5000);
    }
    for (std::int64_t i = 0; i < (texts < 5000 ? texts : 0); ++i) phrase.text.push_back(text_of(i));
    phrases.set(name, phrase);
    template_text += U"{" + name + U"} ";
  }
  return Domain(template_text, axes, phrases, [&](const Axis& axis) {
    for (std::size_t i = 0; i < axes.size(); ++i)
      if (axes[i].name == axis.name) return rulers[i];
    return plain_ruler(axis);
  });
}

std::string guarantee_of(const Guarantee& g) {
  const auto epsilon = g.epsilon();
  return "{\"ratio\":\"" + g.ratio.text() + "\",\"bits\":" + bits(g.bits) + ",\"epsilon\":" +
         (epsilon ? bits(*epsilon) : "null") + ",\"by_axis\":" +
         list(g.bits_by_axis, [](const auto& row) { return "[" + quote(row.first) + "," + bits(row.second) + "]"; }) +
         ",\"says\":" + quoted(g.says) + "}";
}

std::string shown(const Mechanism& mechanism, const Domain& domain, Request& in) {
  std::vector<Choice> truths;
  for (std::int64_t n = in.number(); n > 0; --n) {
    truths.emplace_back();
    for (std::size_t i = 0; i < domain.axes().size(); ++i) truths.back().push_back(static_cast<int>(in.number()));
  }
  const bool with_grid = in.number() != 0;
  const std::string bytes = in.bytes();
  return list(truths, [&](const Choice& truth) -> std::string {
    Coins coins(bytes);
    const auto view = mechanism.view(domain, truth, coins);
    if (!view) return error_of(view.error());
    std::string out = "{\"view\":" + rows_of(*view) + ",\"used\":" + std::to_string(coins.used());
    if (!view->empty()) out += ",\"start\":" + std::to_string(mechanism.start(domain, *view, truth));
    if (with_grid && !view->empty()) {
      const auto grid = domain.grid(*view);
      out += ",\"grid\":" + (grid ? list(grid->expand(), [](const Text& m) { return quote(m); })
                                  : error_of(grid.error()));
    }
    return out + "}";
  });
}

std::string numbers(std::string_view what, Request& in) {
  if (what == "format") {
    const double value = in.real();
    return list(std::vector{0, 2, 3, 6}, [&](int digits) {
      return quoted(fixed_text(value, digits)) + "," + quoted(general_text(value, digits + 1));
    });
  }
  if (what == "log_up") {
    const auto ratio = Ratio::of_text(in.word());
    return ratio ? "[" + bits(log_up(*ratio)) + "," + bits(ratio->nearest()) + "]" : "null";
  }
  const std::string bytes = in.bytes();
  Coins coins(bytes);
  std::string out = "[";
  while (!in.at_end()) {
    const auto got = coins.below(Whole::of_text(in.word()).value_or(Whole(1)));
    out += (out.size() > 1 ? "," : "") + (got ? got->text() : "null");
  }
  return out + "]";
}

std::string answer(std::string_view line) {
  Request in(line);
  Request peek(line);
  const std::string_view what = peek.word();
  if (what == "format" || what == "log_up" || what == "coins") return numbers(what, peek);
  const auto mechanism = mechanism_of(in);
  if (!mechanism) return error_of(mechanism.error());
  const Domain domain = domain_of(in);
  const auto guarantee = (*mechanism)->guarantee(domain);
  return "{\"name\":\"" + std::string((*mechanism)->name()) + "\",\"may_miss\":" +
         ((*mechanism)->may_miss() ? "true" : "false") + ",\"speaks\":" + ((*mechanism)->speaks() ? "true" : "false") +
         ",\"guarantee\":" + (guarantee ? guarantee_of(*guarantee) : error_of(guarantee.error())) +
         ",\"truths\":" + shown(**mechanism, domain, in) + "}";
}

}  // namespace

int main() { return obclip::testing::serve(answer); }
