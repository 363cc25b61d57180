// The second look's spans and artists of each prompt (a JSON string a line). Argument: second_look.bin.
#include "lines.h"
#include "second_look/look.h"

int main(int argc, char** argv) {
  using namespace obclip;
  if (argc != 2) return 2;
  auto look = SecondLook::open(testing::read_file(argv[1]));
  if (!look) return 3;
  return testing::serve([&](std::string_view line) -> std::string {
    const auto prompt = testing::unquote(line);
    if (!prompt) return "bad line";
    std::string out = "[[";
    for (const Span& s : (*look)->find(*prompt)) {
      if (out.size() > 2) out += ", ";
      out += "[" + testing::quote(s.axis) + ", " + testing::quote(s.surface) + ", " + std::to_string(s.start) + ", " +
             std::to_string(s.end) + ", " + testing::quote(s.value) + "]";
    }
    out += "], [";
    bool first = true;
    for (const auto& [start, end] : (*look)->artists(*prompt)) {
      out += (first ? "[" : ", [") + std::to_string(start) + ", " + std::to_string(end) + "]";
      first = false;
    }
    return out + "]]";
  });
}
