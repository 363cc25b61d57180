// A draw and its entry in the ledger, made before anything is sent (edge_sdk/privacy/booking.py).
#include "privacy/booking.h"

#include <algorithm>

#include "lexicon/lexicon.h"

namespace obclip {

namespace {

// json.dumps of a text.
std::string quoted(View text) {
  const auto escaped = [](std::uint32_t unit) {
    std::string out = "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += "0123456789abcdef"[(unit >> shift) & 15];
    return out;
  };
  std::string out = "\"";
  for (char32_t c : text) {
    switch (c) {
      case U'"': out += "\\\""; break;
      case U'\\': out += "\\\\"; break;
      case U'\n': out += "\\n"; break;
      case U'\r': out += "\\r"; break;
      case U'\t': out += "\\t"; break;
      case U'\f': out += "\\f"; break;
      case U'\b': out += "\\b"; break;
      default:
        if (c >= U' ' && c <= U'~') {
          out += static_cast<char>(c);
        } else if (c < 0x10000) {
          out += escaped(c);
        } else {
          out += escaped(0xd800 + ((c - 0x10000) >> 10)) + escaped(0xdc00 + ((c - 0x10000) & 0x3ff));
        }
    }
  }
  return out + '"';
}

template <class Items, class Say>
std::string list(const Items& items, Say say) {
  std::string out = "[";
  for (const auto& item : items) out += (out.size() > 1 ? ", " : "") + say(item);
  return out + "]";
}

// Everything public that a draw depends on, in one form. It is hashed, never stored.
std::string public_form(const Domain& domain) {
  std::vector<const std::pair<Text, Phrase>*> phrases;
  for (const auto& row : domain.phrases()) phrases.push_back(&row);
  std::sort(phrases.begin(), phrases.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  const auto axis = [](const Axis& a) { return "[" + quoted(a.name) + ", " + list(a.values, quoted) + "]"; };
  std::string said = "{";
  for (const auto* row : phrases) {
    const auto number = [](int n) { return std::to_string(n); };
    said += (said.size() > 1 ? ", " : "") + quoted(row->first) + ": [" + list(row->second.axes, number) + ", " +
            list(row->second.text, quoted) + "]";
  }
  return "[" + quoted(LEXICON_VERSION) + ", " + quoted(domain.template_text()) + ", " + list(domain.axes(), axis) +
         ", " + said + "}]";
}

// A kept draw comes from storage: whether its rows are rows of this domain.
bool fits(const Rows& view, const Domain& domain) {
  const std::vector<int> sizes = domain.sizes();
  for (std::size_t i = 0; i < view.size(); ++i) {
    if (view[i].size() != sizes.size() || (i > 0 && !(view[i - 1] < view[i]))) return false;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis)
      if (view[i][axis] < 0 || view[i][axis] >= sizes[axis]) return false;
  }
  return true;
}

// Without ". Nothing was sent" at its end: here something is.
std::string told(std::string message) {
  for (const std::string_view end : {". Nothing was sent", ". nothing was sent", "; Nothing was sent", "; nothing was sent"})
    if (message.size() >= end.size() && message.substr(message.size() - end.size()) == end)
      return message.substr(0, message.size() - end.size());
  return message;
}

}  // namespace

Result<Drawn> draw(const Domain& domain, const Choice& truth, const Mechanism& mechanism, const Guarantee& guarantee,
                   Ledger* ledger, Coins& coins) {
  Charge charge;
  charge.mechanism = mechanism.name();
  charge.template_text = utf8(domain.template_text());
  for (const Axis& axis : domain.axes()) charge.axes.push_back(utf8(axis.name));
  charge.lexicon = utf8(LEXICON_VERSION);
  charge.size = domain.size();
  charge.rows = mechanism.drawn_rows();
  charge.ratio = guarantee.ratio;
  charge.bits = guarantee.bits;
  if (guarantee.ratio.above_one()) {  // randomised: the draw is kept for the template, and is what every repeat sends
    if (ledger == nullptr)
      return Error{Refusal::LEDGER, "a draw at random is kept in a ledger, and there is none. Nothing was sent"};
    charge.domain = public_form(domain);
    OBCLIP_TRY(auto kept, ledger->permanent(charge, [&] { return mechanism.view(domain, truth, coins); }));
    if (!fits(kept.first, domain))
      return Error{Refusal::LEDGER, "the ledger is damaged (a draw of another domain): put a copy of it back, or begin "
                                    "a new one (what was spent is forgotten). Nothing was sent"};
    return Drawn{std::move(kept.first), {kept.second, ledger->account(), {}}};
  }
  OBCLIP_TRY(Rows view, mechanism.view(domain, truth, coins));
  if (ledger == nullptr || domain.axes().empty()) return Drawn{std::move(view), {}};
  charge.rows = static_cast<int>(view.size());
  const Status entered = ledger->record(charge);
  // Nothing is spent, so the guarantee does not need the entry.
  if (!entered)
    return Drawn{std::move(view), {0.0, {}, {"this request is not in the ledger: " + told(entered.error().message)}}};
  return Drawn{std::move(view), {0.0, ledger->account(), {}}};
}

}  // namespace obclip
