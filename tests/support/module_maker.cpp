#include "tests/support/module_maker.h"

#include "tests/support/chunk_maker.h"
#include "tests/support/workflow_maker.h"
#include "vm/exec/natives.h"

namespace relux::test_support {

namespace {

// Long texts that grow when joined, numbers, patterns that the fake host knows, names of variables.
constexpr std::string_view kTexts[] = {"",  "a", "*", "!", "3", "-1",      "PORT", "%9f", "0123456789abcdef",
                                       "s", "v", "x", "y", "r", "\x01\xff"};
constexpr std::string_view kPatterns[] = {"a", "*", "!", "", "(x)"};
constexpr std::int64_t kDurations[] = {1, 2'000'000'000, 0x7fffffffffffffff};

struct FunctionPlan {
    std::string module, name;
    std::uint16_t arity = 0;
    bool pure = false;
};
struct EffectPlan {
    std::string module, name;
    bool variable = false;  ///< exposes `v`; every effect exposes the shell `s`
};
/// Plans what all modules define before any of them is built, so that they can refer to each other.
struct Plan {
    std::vector<FunctionPlan> functions;
    std::vector<EffectPlan> effects;
};

class ModuleMaker {
  public:
    ModuleMaker(Choices& choices, Numbers& numbers, const Plan& plan, const std::string& name)
        : choices_(choices), numbers_(numbers), plan_(plan), builder_(name) {}

    Module make() {
        if (!choices_.one_in(4)) module().source = "test \"t\" {\n  shell s {\n  }\n}";
        for (auto text : kTexts)
            builder_.string(text);
        for (auto pattern : kPatterns)
            builder_.pattern(pattern);
        for (auto duration : kDurations)
            builder_.duration(duration);
        references();
        for (const auto& function : plan_.functions) {
            if (function.module == module().name) make_function(function);
        }
        for (std::size_t i = 0; i < plan_.effects.size(); ++i) {
            if (plan_.effects[i].module == module().name) make_effect(i);
        }
        for (auto left = 1 + choices_.below(2); left > 0; --left)
            make_test("t" + std::to_string(left));
        if (choices_.one_in(2)) make_workflows(choices_, numbers_, builder_);
        return std::move(builder_.module);
    }

  private:
    Module& module() { return builder_.module; }
    std::string_view home(const std::string& name) {
        return name == module().name ? std::string_view() : std::string_view(name);
    }

    void references() {
        for (const auto& function : plan_.functions) {
            builder_.function_ref(function.name, static_cast<std::uint16_t>(numbers_(function.arity)),
                                  home(function.module));
            around_.pure_functions.push_back(function.pure);
        }
        for (const auto& effect : plan_.effects)
            builder_.effect_ref(effect.name, home(effect.module));
        for (auto left = choices_.below(5); left > 0; --left) {
            const auto natives = exec::natives();
            const auto& native = natives[choices_.below(natives.size())];
            const int arity = choices_.one_in(2) ? native.maximum_arity : native.minimum_arity;
            builder_.native_ref(native.name, static_cast<std::uint16_t>(numbers_(arity)));
            // An entry that is there already is not added again.
            around_.pure_natives.resize(module().native_refs.size(), native.kind == exec::NativeKind::Pure);
        }
    }

    std::uint32_t chunk(ChunkWish wish) {
        module().chunks.push_back(make_chunk(choices_, numbers_, around_, wish));
        return numbers_(static_cast<std::uint32_t>(module().chunks.size() - 1));
    }
    std::uint32_t string(std::string_view text) { return numbers_(builder_.string(text)); }

    std::vector<Marker> markers() {
        std::vector<Marker> made(choices_.below(3));
        for (auto& marker : made) {
            marker.kind = static_cast<MarkerKind>(numbers_(choices_.below(3)));
            marker.text = string("a");
            marker.subject = string("x");
            marker.span = make_span(choices_, numbers_);
            const auto modifier = choices_.below(3);
            marker.modifier = static_cast<MarkerModifier>(numbers_(modifier));
            marker.condition =
                modifier == 0 ? numbers_(kNone) : chunk({ChunkKind::Marker, kNone, 0, 0, {}, false});
        }
        return made;
    }

    void make_function(const FunctionPlan& plan) {
        Function made;
        made.name = string(plan.name);
        made.pure = numbers_(plan.pure ? 1 : 0) != 0;
        for (std::uint16_t i = 0; i < plan.arity; ++i)
            made.parameters.push_back(string("x"));
        made.chunk = chunk(
            {plan.pure ? ChunkKind::PureFunction : ChunkKind::Function, kNone, plan.arity, 0, {}, false});
        made.markers = markers();
        made.span = make_span(choices_, numbers_);
        module().functions.push_back(std::move(made));
    }

    /// Starts of any of the first `effects` effects, and what they expose.
    void make_starts(std::uint32_t index, std::size_t effects) {
        if (effects == 0) return;
        for (auto left = choices_.below(4); left > 0; --left) {
            const auto number = static_cast<std::uint32_t>(module().scopes[index].starts.size());
            const auto effect = choices_.below(effects);
            Start start;
            start.effect = numbers_(effect);
            start.alias = choices_.one_in(2) ? string("y") : numbers_(kNone);
            if (number > 0 && choices_.one_in(2)) start.waits_for = {numbers_(choices_.below(number))};
            start.span = make_span(choices_, numbers_);
            if (choices_.one_in(2))
                start.overlay = chunk({ChunkKind::Overlay, index, 0, 0, start.waits_for, true});
            auto& scope = module().scopes[index];
            scope.starts.push_back(std::move(start));
            if (plan_.effects[effect].variable)
                scope.alias_variables.push_back({numbers_(number), string("v")});
            scope.frames.push_back({numbers_(number), string("s"), variables()});
        }
    }
    std::uint16_t variables() { return static_cast<std::uint16_t>(numbers_(choices_.below(3))); }

    std::uint32_t make_scope(std::string_view name, std::size_t effects, std::size_t least_slots) {
        const auto index = static_cast<std::uint32_t>(module().scopes.size());
        Scope made;
        made.name = string(name);
        made.slots.assign(least_slots + choices_.below(3), string("v"));
        made.frames.push_back({numbers_(kNone), string("s"), variables()});
        made.span = make_span(choices_, numbers_);
        module().scopes.push_back(std::move(made));
        make_starts(index, effects);
        if (choices_.one_in(2))
            module().scopes[index].declarations = chunk({ChunkKind::Declarations, index, 0, 0, {}, true});
        // The first is that of the scope's own shell, which every effect exposes.
        const auto blocks = 1 + choices_.below(3);
        for (std::uint32_t i = 0; i < blocks; ++i) {
            const auto frame = i == 0 ? 0 : choices_.below(module().scopes[index].frames.size());
            const auto persistent = module().scopes[index].frames[frame].variable_count;
            // A count that is wrong may be more than any chunk can have.
            const auto few = std::min<std::uint16_t>(persistent, 16);
            const Block block{numbers_(frame), chunk({ChunkKind::Block, index, 0, few, {}, false}),
                              make_span(choices_, numbers_)};
            module().scopes[index].blocks.push_back(block);
        }
        if (choices_.one_in(2))
            module().scopes[index].cleanup = chunk({ChunkKind::Cleanup, index, 0, 0, {}, false});
        auto all_markers = markers();
        module().scopes[index].markers = std::move(all_markers);
        return index;
    }

    void make_effect(std::size_t number) {
        const auto& plan = plan_.effects[number];
        Effect made;
        const auto scope = make_scope(plan.name, number, plan.variable ? 1 : 0);
        made.scope = numbers_(scope);
        if (choices_.one_in(2)) made.expects = {string("PORT"), string("v")};
        made.exposes.push_back(
            {false, string("s"), numbers_(kNone), string("s"), kNone, make_span(choices_, numbers_)});
        if (plan.variable) {
            made.exposes.push_back({true, string("v"), numbers_(kNone), string("v"), numbers_(0),
                                    make_span(choices_, numbers_)});
        }
        if (!module().scopes[scope].starts.empty() && choices_.one_in(2)) {
            made.exposes.push_back(
                {false, string("r"), numbers_(0), string("s"), kNone, make_span(choices_, numbers_)});
        }
        module().effects.push_back(std::move(made));
    }

    void make_test(const std::string& name) {
        Test made;
        made.scope = numbers_(make_scope(name, plan_.effects.size(), 0));
        made.docstring = choices_.one_in(2) ? string("a") : kNone;
        made.timeout_kind = static_cast<TimeoutKind>(numbers_(choices_.below(3)));
        made.timeout = numbers_(choices_.below(std::size(kDurations)));
        module().tests.push_back(made);
    }

    Choices& choices_;
    Numbers& numbers_;
    const Plan& plan_;
    ModuleBuilder builder_;
    ChunkSurroundings around_{builder_.module, {}, {}};
};

}  // namespace

MadeModules make_modules(Choices& choices) {
    Numbers numbers(choices);
    Plan plan;
    std::vector<std::string> names = {"m0.relux"};
    if (choices.one_in(3)) names.emplace_back("m1.relux");
    for (const auto& name : names) {
        for (auto left = choices.below(4); left > 0; --left) {
            plan.functions.push_back({name, "f" + std::to_string(left),
                                      static_cast<std::uint16_t>(choices.below(4)), choices.one_in(2)});
        }
        for (auto left = choices.below(3); left > 0; --left)
            plan.effects.push_back({name, "E" + std::to_string(left), choices.one_in(2)});
    }
    MadeModules made;
    for (const auto& name : names)
        made.modules.push_back(ModuleMaker(choices, numbers, plan, name).make());
    made.faulty = numbers.any_wrong();
    return made;
}

}  // namespace relux::test_support
