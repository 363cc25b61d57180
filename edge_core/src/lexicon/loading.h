// The lexicons of one opened `lexicon.bin` (edge_sdk/attributes/lexicon_file.py and loading.py).
#ifndef OBCLIP_LEXICON_LOADING_H
#define OBCLIP_LEXICON_LOADING_H

#include <memory>
#include <string_view>

#include "attributes/scope.h"
#include "lexicon/lexicon.h"
#include "result.h"

namespace obclip {

// All variants that were asked for so far, by opt-in axes and words of no gender. Not for two threads at once: the ABI
// makes one for each core, and a core is used by one thread at a time.
class Lexicons {
 public:
  // Copies the bytes. Refused (kind LEXICON): damaged, of another format, or for another version than this code.
  static Result<std::unique_ptr<Lexicons>> open(std::string_view bytes);
  ~Lexicons();
  // lexicon(opt_in, neutral) of the reference; made on first use.
  const Lexicon& get(const AxisSet& opt_in = {}, bool neutral = false) const;

 private:
  Lexicons();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace obclip

#endif
