// What a detector's finds do to a prompt: models of persons are left out, artists pass, the rest is asked about
// (edge_sdk/privacy/looking.py).
#ifndef OBCLIP_PRIVACY_LOOKING_H
#define OBCLIP_PRIVACY_LOOKING_H

#include <string>
#include <utility>
#include <vector>

#include "attributes/detector.h"
#include "attributes/document.h"
#include "attributes/findings.h"
#include "result.h"

namespace obclip {

// The prompt without the tags that the detector (or none) calls a person's model, and a note on each.
Result<std::pair<Text, std::vector<std::string>>> without_models(View prompt, const Detector* detector);
// What the person is told of a model that was left out.
std::string left_out_note(View model);
// The findings without names that the detector knows as an artist's, whose style is public.
std::vector<Finding> without_artists(std::vector<Finding> findings, const Document& reading, const Detector* detector);
// What a detector finds beyond what is known: the stretches of spans and findings.
std::vector<Finding> detected(const Detector& detector, const Document& reading,
                              std::vector<std::pair<int, int>> known);

// The stretches of spans or findings, for `detected`.
template <class T>
void add_stretches(const std::vector<T>& found, std::vector<std::pair<int, int>>& out) {
  for (const T& f : found) out.emplace_back(f.start, f.end);
}

}  // namespace obclip

#endif
