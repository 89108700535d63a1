#include "base/one_of.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/one_of_types.h"

namespace kilonova {

struct Counted {
  static int alive;
  std::string text;
  explicit Counted(std::string t = "") : text(std::move(t)) { ++alive; }
  Counted(const Counted& other) : text(other.text) { ++alive; }
  Counted(Counted&& other) noexcept : text(std::move(other.text)) { ++alive; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --alive; }
  bool operator==(const Counted&) const = default;
};
int Counted::alive = 0;

struct Number {
  int value = 0;
  bool operator==(const Number&) const = default;
};

struct TestSet {
  using Types = TypeList<Number, Counted>;
};
template <>
const HeldType* OneOf<TestSet>::types() {
  return held_types(TestSet::Types{});
}

namespace {

using Value = OneOf<TestSet>;

TEST(OneOf, HoldsNothingAtFirst) {
  Value value;
  EXPECT_FALSE(value.has_value());
  EXPECT_EQ(value.index(), Value::kNothing);
  EXPECT_EQ(get_if<Number>(&value), nullptr);
  EXPECT_EQ(value, Value());
  EXPECT_FALSE(value == Value(Number{}));
}

TEST(OneOf, KnowsWhatItHolds) {
  Value value = Number{7};
  EXPECT_EQ(value.index(), 0u);
  EXPECT_TRUE(holds_alternative<Number>(value));
  EXPECT_FALSE(holds_alternative<Counted>(value));
  EXPECT_EQ(get<Number>(value).value, 7);
  value.emplace<Counted>().text = "x";
  EXPECT_EQ(get_if<Counted>(&value)->text, "x");
  EXPECT_EQ(value.index(), 1u);
}

TEST(OneOf, CopiesMovesComparesAndDestroys) {
  {
    Value value = Counted("a");
    Value copy = value;
    EXPECT_EQ(Counted::alive, 2);
    EXPECT_EQ(copy, value);
    get<Counted>(copy).text = "b";
    EXPECT_FALSE(copy == value);
    Value moved = std::move(value);
    EXPECT_EQ(Counted::alive, 2);
    EXPECT_FALSE(value.has_value());  // NOLINT: a moved-from one holds nothing
    value = moved;
    EXPECT_EQ(Counted::alive, 3);
    value = Number{1};
    EXPECT_EQ(Counted::alive, 2);
    value = *&value;
    EXPECT_EQ(get<Number>(value).value, 1);
  }
  EXPECT_EQ(Counted::alive, 0);
}

TEST(OneOf, VisitsWithTheValueAsItIs) {
  Value value = Counted("a");
  const Value& constant = value;
  EXPECT_TRUE(visit([](auto& v) { return !std::is_const_v<std::remove_reference_t<decltype(v)>>; }, value));
  EXPECT_TRUE(visit([](auto& v) { return std::is_const_v<std::remove_reference_t<decltype(v)>>; }, constant));
  std::string taken;
  auto take = [&]<class T>(T&& v) {
    static_assert(!std::is_lvalue_reference_v<T>);
    if constexpr (std::is_same_v<T, Counted>) taken = std::move(v.text);
  };
  visit(take, std::move(value));
  EXPECT_EQ(taken, "a");
}

TEST(OneOfDeathTest, TakingAnotherTypeOrNothingIsABug) {
  Value value = Number{1};
  EXPECT_DEATH((void)get<Counted>(value), "another type");
  EXPECT_DEATH(visit([](const auto&) {}, Value()), "no value");
}

static_assert(std::is_same_v<Concat<TypeList<int>, TypeList<>, TypeList<char, int>>, TypeList<int, char, int>>);
static_assert(std::is_same_v<DistinctOf<int, char, int, long>, TypeList<int, char, long>>);
static_assert(kPositionIn<char, TypeList<int, char>> == 1 && !kIsIn<long, TypeList<int, char>>);

}  // namespace
}  // namespace kilonova
