// What a detector's finds do to a prompt: models of persons are left out, artists pass, the rest is asked about
// (edge_sdk/privacy/looking.py).
#include "privacy/looking.h"

#include <algorithm>

#include "second_look/look.h"

namespace obclip {
namespace {

constexpr View IDENTITY = U"identity";

// Where a name begins behind a word of it that is a slot: "Queen Marika". `known` is sorted by where it begins.
int behind_known(const Span& s, const std::vector<std::pair<int, int>>& known) {
  int start = s.start;
  for (const auto& [from, to] : known) {
    if (!(from <= start && start < to && to < s.end)) continue;
    start = to;
    while (start < s.end && static_cast<std::size_t>(start - s.start) < s.surface.size() &&
           !is_alnum(s.surface[start - s.start])) {
      ++start;
    }
  }
  return start;
}

// Reasons that hold for the word as the lexicon knows it. What the second look has listed counts all the same: "texas"
// is a character as well.
bool is_doubted(Reason reason, bool named) {
  return reason == Reason::COMMON || reason == Reason::NOBODY || reason == Reason::PLACE ||
         (named && reason == Reason::SENSE);
}

// Whether the reader knows that the stretch says nothing of a person, and the detector is not sure of it.
bool is_settled(const Document& reading, int start, const Span& s) {
  const int end = s.end;
  if (s.axis == IDENTITY && slice(s.surface, 0, 1) == U"<") {
    return false;  // a model's tag is no word of the prompt, and its name says who is meant
  }
  for (const auto& [a, b] : reading.public_) {
    if (a < end && start < b) return true;
  }
  const bool named = s.axis == IDENTITY && contains(s.surface, U' ');  // "Wonder Woman": no woman, and somebody
  for (const Mark& m : reading.marks) {
    if (!(m.start < end && start < m.end)) continue;
    const auto d = reading.dismissed.find(m.start);
    if (d == reading.dismissed.end()) continue;
    if (!is_doubted(d->second.reason, named) || s.value != LISTED) return true;
  }
  return false;
}

bool ends_open(View text) {
  const View bare = rstrip(text);
  return bare.empty() || bare.back() == U',';
}

}  // namespace

Result<std::pair<Text, std::vector<std::string>>> without_models(View prompt, const Detector* detector) {
  std::vector<std::string> notes;
  Text out;
  std::size_t at = 0;
  if (detector != nullptr && contains(prompt, U':')) {
    for (const Span& s : detector->find(prompt)) {
      if (s.axis != U"model") continue;
      notes.push_back(left_out_note(s.surface));
      out += slice(prompt, at, static_cast<std::size_t>(s.start));
      at = static_cast<std::size_t>(s.end);
      // With the comma and the spaces that set it off.
      while (at < prompt.size() && (prompt[at] == U' ' || prompt[at] == U',') && ends_open(out)) ++at;
    }
  }
  out += slice(prompt, at);
  if (!notes.empty() && strip(out).empty()) {
    return input_error("the prompt holds nothing but models of persons, whose names can say who is meant");
  }
  return std::make_pair(std::move(out), std::move(notes));
}

std::string left_out_note(View model) {
  return repr(model) + " was left out, because its name can say who is meant";
}

std::vector<Finding> without_artists(std::vector<Finding> findings, const Document& reading,
                                     const Detector* detector) {
  const auto is_name = [](const Finding& f) { return f.axis == IDENTITY; };
  if (detector == nullptr || std::none_of(findings.begin(), findings.end(), is_name)) return findings;
  const auto artists = detector->artists(reading.prompt);
  const auto is_artist = [&](const Finding& f) {
    return is_name(f) && std::any_of(artists.begin(), artists.end(), [&f](const auto& stretch) {
             return stretch.first <= f.start && f.end <= stretch.second;
           });
  };
  findings.erase(std::remove_if(findings.begin(), findings.end(), is_artist), findings.end());
  return findings;
}

std::vector<Finding> detected(const Detector& detector, const Document& reading,
                              std::vector<std::pair<int, int>> known) {
  std::stable_sort(known.begin(), known.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Finding> out;
  for (const Span& s : detector.find(reading.prompt)) {
    const bool is_identity = s.axis == IDENTITY;
    const int start = is_identity ? behind_known(s, known) : s.start;
    const bool told = std::any_of(known.begin(), known.end(),
                                  [&](const auto& k) { return start < k.second && k.first < s.end; });
    if (told || !(reading.hides(s.axis) || is_identity) || is_settled(reading, start, s)) continue;
    Finding finding;
    finding.axis = s.axis;
    finding.surface = Text(slice(reading.prompt, static_cast<std::size_t>(start), static_cast<std::size_t>(s.end)));
    finding.start = start;
    finding.end = s.end;
    finding.strong = true;
    if (is_identity) finding.instead = U"a person";
    out.push_back(is_identity ? std::move(finding) : as_covered(reading, finding));
  }
  return out;
}

}  // namespace obclip
