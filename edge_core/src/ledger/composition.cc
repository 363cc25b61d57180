// What several k-subset draws spend together (edge_sdk/ledger/composition.py, with the theorem).
#include "ledger/composition.h"

#include <algorithm>
#include <optional>

#include "mechanisms/protocol.h"

namespace obclip {

namespace {

// Points of the loss distribution, and draws of one kind, above which only the basic total is told.
constexpr std::uint64_t MAX_POINTS = 20'000;
constexpr int MAX_DRAWS = 300;
// One over delta.
constexpr std::uint64_t DELTA_PARTS = 1'000'000;

struct Kind {
  Draw draw;
  int count = 0;
};

// A point of the distribution: e^loss is ratio / base, its reciprocal is inverse / base, its probability is mass / whole.
struct Point {
  Whole ratio, inverse, mass;
};

struct Distribution {
  std::vector<Point> points;
  Whole base, whole;
};

// The kinds of draws that cost something, in order; nothing where their distribution has too many points.
std::optional<std::vector<Kind>> kinds_of(const std::vector<Draw>& draws) {
  std::vector<Kind> kinds;
  for (const Draw& draw : draws) {
    if (!draw.ratio.above_one()) continue;
    const auto known = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.draw == draw; });
    if (known != kinds.end()) {
      ++known->count;
    } else {
      kinds.push_back({draw, 1});
    }
  }
  std::uint64_t points = 1;
  for (const Kind& kind : kinds) {
    points *= 2 * static_cast<std::uint64_t>(kind.count) + 1;
    if (points > MAX_POINTS || kind.count > MAX_DRAWS) return std::nullopt;
  }
  return kinds;
}

// Probabilities of the losses -ln r, 0 and +ln r over one denominator. With r = a / b, all binomials cut, the last is
// a k (d - k) / ((d - 1) (a k + b (d - k))), and the first b / a of it.
struct Step {
  Whole down, rest, up, whole;
};

Step step_of(const Draw& draw) {
  const Whole k(static_cast<std::uint64_t>(draw.k)), others = draw.d - k;
  const Whole &a = draw.ratio.numerator(), &b = draw.ratio.denominator();
  Step step;
  step.up = a * k * others;
  step.down = b * k * others;
  step.whole = (draw.d - Whole(1)) * (a * k + b * others);
  const Whole common = Whole::gcd(Whole::gcd(step.up, step.down), step.whole);
  step.up = Whole::divide(step.up, common).first;
  step.down = Whole::divide(step.down, common).first;
  step.whole = Whole::divide(step.whole, common).first;
  step.rest = step.whole - step.up - step.down;
  return step;
}

// All draws of one ratio together: their losses are multiples of one number.
Distribution of_ratio(const Ratio& ratio, const std::vector<Kind>& kinds) {
  Distribution out;
  out.whole = Whole(1);
  std::vector<Whole> row{Whole(1)};
  unsigned n = 0;
  for (const Kind& kind : kinds) {
    if (kind.draw.ratio != ratio) continue;
    const Step step = step_of(kind.draw);
    for (int i = 0; i < kind.count; ++i, ++n) {
      std::vector<Whole> longer(row.size() + 2);
      for (std::size_t at = 0; at < row.size(); ++at) {
        longer[at] += row[at] * step.down;
        longer[at + 1] += row[at] * step.rest;
        longer[at + 2] += row[at] * step.up;
      }
      row = std::move(longer);
      out.whole = out.whole * step.whole;
    }
  }
  const Whole &a = ratio.numerator(), &b = ratio.denominator();
  std::vector<Whole> above{Whole(1)}, below{Whole(1)};
  for (unsigned i = 0; i < 2 * n; ++i) {
    above.push_back(above.back() * a);
    below.push_back(below.back() * b);
  }
  out.base = above[n] * below[n];
  for (std::size_t i = 0; i < row.size(); ++i)
    out.points.push_back({above[i] * below[2 * n - i], above[2 * n - i] * below[i], std::move(row[i])});
  return out;
}

// Falling by ratio, each ratio once.
void put_in_order(std::vector<Point>& points) {
  std::stable_sort(points.begin(), points.end(), [](const Point& x, const Point& y) { return x.ratio > y.ratio; });
  std::vector<Point> out;
  for (Point& point : points) {
    if (!out.empty() && out.back().ratio == point.ratio) {
      out.back().mass += point.mass;
    } else {
      out.push_back(std::move(point));
    }
  }
  points = std::move(out);
}

Distribution mixed(const Distribution& x, const Distribution& y) {
  Distribution out;
  out.base = x.base * y.base;
  out.whole = x.whole * y.whole;
  for (const Point& p : x.points)
    for (const Point& q : y.points)
      out.points.push_back({p.ratio * q.ratio, p.inverse * q.inverse, p.mass * q.mass});
  put_in_order(out.points);
  return out;
}

Distribution losses(const std::vector<Kind>& kinds) {
  Distribution total{{{Whole(1), Whole(1), Whole(1)}}, Whole(1), Whole(1)};
  std::vector<Ratio> known;
  for (const Kind& kind : kinds) {
    if (std::find(known.begin(), known.end(), kind.draw.ratio) != known.end()) continue;
    known.push_back(kind.draw.ratio);
    total = mixed(total, of_ratio(kind.draw.ratio, kinds));
  }
  return total;
}

}  // namespace

double basic(const std::vector<Draw>& draws) {
  Ratio product(1);
  for (const Draw& draw : draws) product = product * draw.ratio;
  return log_up(product);
}

double tight(const std::vector<Draw>& draws) {
  const auto kinds = kinds_of(draws);
  if (!kinds) return basic(draws);
  const Distribution all = losses(*kinds);
  // Sums over the points so far: mass / whole, and weighted / (whole base) of mass by ratio.
  Whole mass, weighted;
  const Whole square = all.base * all.base, parts(DELTA_PARTS);
  for (std::size_t i = 0; i < all.points.size() && all.points[i].ratio > all.base; ++i) {
    const Point& point = all.points[i];
    mass += point.mass;
    weighted += point.mass * point.inverse;
    if (mass * parts <= all.whole) continue;  // delta(t) is mass at most
    const Whole& next = i + 1 < all.points.size() ? all.points[i + 1].ratio : all.base;
    const Whole& below = next > all.base ? next : all.base;
    // delta(t) = mass - t weighted between the points; it grows as t falls. Here times whole base^2.
    const Whole left = mass * square, right = below * weighted;
    if (left > right && (left - right) * parts > all.whole * square)
      return log_up(Ratio((mass * parts - all.whole) * all.base, weighted * parts));
  }
  return 0.0;
}

}  // namespace obclip
