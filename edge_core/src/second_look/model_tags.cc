// Tags that name a model of somebody (edge_sdk/second_look/model_tags.py).
#include "second_look/model_tags.h"

#include <algorithm>

#include "second_look/glued.h"

namespace obclip::second_look {
namespace {

constexpr std::size_t LONGEST = 4, LEAST_NAME = 3, LEAST_TAIL = 5;
constexpr int TELLING = 2;  // so many common words say what a model is of, whatever name stands among them

bool any(Bits bits) { return bits != 0; }

struct Listed {
  std::vector<Text> words;
  Bits bits;
};

// Each run of parts, and what the lists say of it.
std::vector<Listed> runs_of(const std::vector<Text>& parts, const Table& look) {
  std::vector<Listed> out;
  for (std::size_t length = 1; length <= LONGEST; ++length) {
    for (std::size_t i = 0; i + length <= parts.size(); ++i) {
      const std::vector<Text> run(parts.begin() + static_cast<std::ptrdiff_t>(i), parts.begin() + static_cast<std::ptrdiff_t>(i + length));
      out.push_back({run, look.known(join(U" ", run))});
    }
  }
  return out;
}

// Whether a part beside a work's title may be who is in it: "jinxLeagueOfLegends".
bool may_name(View part, Bits bits) { return part.size() >= LEAST_NAME && (any(bits & FICTION) || !any(bits & DICTIONARY)); }

// Whether a part alone is a name before it is anything else: "locon_olga".
bool is_single(View part, Bits bits) {
  return any(bits & (GIVEN | TOP | SCARCE)) && !any(bits & (WORD | RARE | PLACE | FICTION | STYLE)) && part.size() >= LEAST_NAME;
}

// "fitnessruben": a common word and a given name.
bool is_tailed(View word, const Table& look) {
  if (!is_alpha(word) || look.known(word) != 0) return false;
  for (std::size_t k = LEAST_NAME; k + LEAST_TAIL <= word.size(); ++k) {
    const Bits a = look.known(word.substr(0, k)), b = look.known(word.substr(k));
    if (any(a & WORD) && any(b & TOP) && !any(b & WORD)) return true;
  }
  return false;
}

}  // namespace

View name_in(View tag) {
  const auto parts = split(strip(tag, U"<>"), U":");
  return parts.size() > 1 ? parts[1] : View();
}

Stretches tags(View prompt) {
  Stretches out;
  for (std::size_t start, end, from = 0; (start = prompt.find(U'<', from)) != View::npos; from = start + 1) {
    end = prompt.find(U'>', start);
    if (end == View::npos) break;
    const View inner = slice(prompt, start + 1, end);
    const Text kind = lower(strip(split(inner, U":")[0]));
    if (contains(inner, U':') && in_context(U"model_kinds", kind)) {
      out.emplace_back(static_cast<int>(start), static_cast<int>(end + 1));
    }
  }
  const Text low = lower(prompt);
  constexpr View EMBEDDING = U"embedding:";
  for (std::size_t start, from = 0; (start = low.find(EMBEDDING, from)) != Text::npos;) {
    std::size_t end = start + EMBEDDING.size();
    while (end < prompt.size() && (is_alnum(prompt[end]) || contains(U"_-.", prompt[end]))) ++end;
    const View before = prompt.substr(0, std::min(start, prompt.size()));
    const std::size_t opened = before.rfind(U'<'), closed = before.rfind(U'>');
    // Both missing counts as outside; npos is larger than any position.
    if (opened == View::npos || (closed != View::npos && opened <= closed)) {
      out.emplace_back(static_cast<int>(start), static_cast<int>(end));
    }
    from = end;
  }
  return out;
}

bool names_person(View tag, const Table& look) {
  const View name = name_in(tag);
  const std::vector<Text> all = pieces(name);
  std::vector<Text> parts;
  for (const Text& p : all) {
    if (!in_context(U"model_words", p)) parts.push_back(p);
  }
  if (parts.empty()) return false;
  const std::vector<Listed> listed = runs_of(all, look);
  for (const Listed& run : listed) {
    if (any(run.bits & STYLE)) return false;
  }
  for (const Listed& run : listed) {
    if (axis_of(run.bits) == U"identity") return true;
  }
  for (const Text& p : parts) {
    if (in_context(U"model_persons", p)) return true;
    for (View end : context(U"model_endings")) {
      if (ends_with(p, end)) return true;
    }
  }
  std::vector<std::vector<Text>> works;
  for (const Listed& run : listed) {
    if (any(run.bits & FICTION) && run.words.size() > 1) works.push_back(run.words);
  }
  for (const Text& p : parts) {
    if (in_context(U"series_short", p)) works.push_back({p});
  }
  int telling = 0;  // what a model is of: "jadeCarvingOfAnna"
  for (const Text& p : parts) {
    const bool in_work = std::any_of(works.begin(), works.end(), [&p](const auto& words) {
      return std::find(words.begin(), words.end(), p) != words.end();
    });
    if (!works.empty() && !in_work && may_name(p, look.known(p))) return true;
    telling += any(look.known(p) & WORD);
  }
  if (telling < TELLING) {
    for (const Text& p : parts) {
      if (is_single(p, look.known(p))) return true;
    }
  }
  Text spaced;
  for (char32_t c : name) spaced += is_alnum(c) ? c : U' ';
  std::vector<View> words = {name};
  for (View word : split(View(spaced))) {
    if (!in_context(U"model_words", lower(word))) words.push_back(word);
  }
  return std::any_of(words.begin(), words.end(), [&look](View word) {
    const Text low = lower(word);
    return holds_name(word, look) || !glued_axis(low, look).empty() || is_tailed(low, look);
  });
}

Stretches model_stretches(View prompt, const Table& look) {
  Stretches out;
  if (!contains(prompt, U':')) return out;
  for (const auto& [a, b] : tags(prompt)) {
    if (names_person(slice(prompt, a, b), look)) out.emplace_back(a, b);
  }
  return out;
}

Flags inside(const Tokens& tokens, const Stretches& stretches) {
  Flags out;
  for (const Token& t : tokens) {
    out.push_back(std::any_of(stretches.begin(), stretches.end(),
                              [&t](const Stretch& s) { return s.first <= t.start && t.start < s.second; }));
  }
  return out;
}

}  // namespace obclip::second_look
