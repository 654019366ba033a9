// Files are read breadth first from a list, so that no chain of calls, however long, nests anything here.
#include "frontend/workflow/load.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <unordered_map>
#include <utility>

#include "frontend/workflow/config_merge.h"
#include "frontend/workflow/library_check.h"
#include "frontend/workflow/workflow_reader.h"

namespace relux::workflow {

namespace {

std::string failure(const Error& error) {
    return error.code == ENOENT || error.code == ENOTDIR ? "there is no such file"
                                                         : "cannot be read: " + error.message;
}

class Loader {
  public:
    explicit Loader(const LoadOptions& options) : options_(options) {
        // Without a working directory (it may be gone) names stay as they are.
        std::error_code ignored;
        directory_ = std::filesystem::absolute(options.working_directory, ignored).lexically_normal();
    }

    WorkflowSet load(const std::vector<std::string>& files) {
        load_config();
        for (const auto& file : files)
            load_documents(file);
        // The library grows while it is read.
        for (std::size_t i = 0; i < callees_.size(); ++i)
            load_library(i);
        check_library(documents_, callees_, options_.deepest_call, problems_);
        WorkflowSet set;
        finish(documents_, set.documents);
        finish(callees_, set.callees);
        set.files = std::move(file_names_);
        set.problems = problems_.take_sorted();
        return set;
    }

  private:
    /// The identity of a file, however it is reached.
    std::filesystem::path full_path(const std::filesystem::path& file) const {
        return (directory_ / file).lexically_normal();
    }

    /// A file is shown by the name under which it was met first.
    std::uint32_t file_index(const std::filesystem::path& file, const std::string& name) {
        auto [it, is_new] = file_indexes_.emplace(full_path(file).generic_string(),
                                                  static_cast<std::uint32_t>(file_names_.size()));
        if (is_new) file_names_.push_back(name);
        return it->second;
    }
    std::uint32_t file_index(const std::string& name) { return file_index(name, name); }

    /// From the working directory where that is possible without `..`.
    std::string short_name(const std::filesystem::path& file) const {
        auto near = full_path(file).lexically_relative(directory_).generic_string();
        bool below = !near.empty() && near != "." && !near.starts_with("..");
        return below && !file.is_absolute() ? near : file.lexically_normal().generic_string();
    }

    void report(const std::string& file, unsigned document, Place place, std::string message) {
        problems_.add({file, document, {}, place, std::move(message)});
    }
    void report_file(const std::string& file, std::string message) {
        report(file, 0, {file_index(file), 0, 0}, std::move(message));
    }

    // ---- the config file

    void load_config() {
        if (options_.config) {
            auto name = options_.config->generic_string();
            auto text = options_.read_file(full_path(*options_.config));
            if (text) {
                read_config(name, *std::move(text));
            } else {
                report_file(name, failure(text.error()));
            }
        } else {
            find_config();
        }
        check_profile();
    }

    void find_config() {
        for (auto name : config_file_names) {
            auto text = options_.read_file(full_path(name));
            if (text) return read_config(std::string(name), *std::move(text));
            if (text.error().code != ENOENT) return report_file(std::string(name), failure(text.error()));
        }
    }

    void read_config(const std::string& name, std::string text) {
        config_.name = name;
        bool damaged = false;
        auto yaml = parse(name, std::move(text), damaged);
        if (yaml.documents.empty() || yaml.documents[0].damaged) return;
        if (yaml.documents.size() > 1) {
            const auto& second = yaml.documents[1];
            report(name, second.number, second.root.place, "a config file has one document");
        }
        DocumentContext context{yaml, 1, problems_, {}};
        config_ = read_config_file(context, yaml.documents[0].root);
    }

    static const ConfigLayer* find(const std::vector<std::pair<std::string, ConfigLayer>>& layers,
                                   std::string_view name) {
        for (const auto& layer : layers) {
            if (layer.first == name) return &layer.second;
        }
        return nullptr;
    }

    static std::vector<std::string_view> names(
        const std::vector<std::pair<std::string, ConfigLayer>>& layers) {
        std::vector<std::string_view> result;
        for (const auto& layer : layers)
            result.push_back(layer.first);
        return result;
    }

    void check_profile() {
        if (!options_.profile) return;
        const auto& name = *options_.profile;
        profile_ = find(config_.profiles, name);
        if (profile_ != nullptr) return;
        auto message = "unknown profile " + shown(name) + suggestion(name, names(config_.profiles));
        if (config_.name.empty()) {
            problems_.add({{}, 0, {}, {}, "no profile " + shown(name) + ": there is no config file"});
        } else {
            report_file(config_.name, std::move(message));
        }
    }

    // ---- documents and the library

    bool is_config(const std::filesystem::path& file) const {
        if (is_config_file_name(file)) return true;
        return options_.config && full_path(*options_.config) == full_path(file);
    }

    void load_documents(const std::string& file) {
        if (is_config(file)) return report_file(file, "is a config file, not a workflow");
        auto text = options_.read_file(full_path(file));
        if (!text) return report_file(file, failure(text.error()));
        bool damaged = false;
        auto yaml = parse(file, *std::move(text), damaged);
        if (yaml.documents.empty() && !damaged) report_file(file, "there is no workflow in it");
        for (const auto& document : yaml.documents) {
            if (document.damaged) continue;
            Unit unit;
            unit.depth = 0;
            documents_.push_back(read_unit(yaml, document, Role::Run, file, std::move(unit)));
        }
    }

    /// `damaged`: the text as a whole was refused, which has been reported.
    YamlFile parse(const std::string& file, std::string text, bool& damaged) {
        Problems own;
        auto index = file_index(file);
        auto yaml = parse_yaml(file_names_[index], index, std::move(text), own, options_.limits);
        auto found = own.take_sorted();
        damaged = !found.empty();
        for (auto& problem : found)
            problems_.add(std::move(problem));
        return yaml;
    }

    /// `unit`: what is known of it before it is read. `number`: its own in the library, none for a document.
    Unit read_unit(const YamlFile& yaml, const YamlDocument& document, Role role,
                   const std::filesystem::path& file, Unit unit, std::size_t number = SIZE_MAX) {
        unit.file = yaml.name;
        unit.document = document.number;
        DocumentContext context{yaml, document.number, problems_, [&](const FileUse& use) {
                                    unit.uses.push_back(use);
                                    unit.used.push_back(use_file(file.parent_path() / use.file, use.prefix,
                                                                 number, unit.depth + 1));
                                    return unit.used.back();
                                }};
        context.step_prefix = unit.prefix;
        unit.read = read_workflow(context, document.root, role);
        return unit;
    }

    /// The index in the library, new or old. A file is there once for each prefix of its steps' names.
    std::size_t use_file(const std::filesystem::path& file, const std::string& prefix, std::size_t user,
                         std::size_t depth) {
        auto shown_name = file_names_[file_index(file, short_name(file))];
        const auto path = full_path(file).generic_string();
        // With a longer prefix each time, a circle would never come back to where it began.
        for (auto above = prefix.empty() ? SIZE_MAX : user; above != SIZE_MAX; above = callees_[above].user) {
            if (full_path(callees_[above].file).generic_string() == path) return above;
        }
        auto [it, is_new] = library_indexes_.emplace(path + '\0' + prefix, callees_.size());
        if (!is_new) return it->second;
        auto& unit = callees_.emplace_back();
        unit.file = shown_name;
        unit.depth = depth;
        unit.prefix = prefix;
        unit.user = user;
        return it->second;
    }

    void load_library(std::size_t index) {
        auto name = callees_[index].file;
        auto depth = callees_[index].depth;
        auto refuse = [&](std::string fault) { callees_[index].fault = std::move(fault); };
        if (depth > options_.deepest_call) return refuse(too_deep(options_.deepest_call));
        if (index >= most_library_files) {
            return refuse("more than " + std::to_string(most_library_files) +
                          " files are called or included");
        }
        if (is_config(name)) return refuse("is a config file, not a workflow");
        auto text = options_.read_file(full_path(name));
        if (!text) return refuse(failure(text.error()));
        bool damaged = false;
        auto yaml = parse(name, *std::move(text), damaged);
        auto count = yaml.documents.size();
        if (count == 0) return refuse(damaged ? "cannot be read" : "there is no workflow in it");
        if (count > 1) {
            return refuse("has " + std::to_string(count) +
                          " workflows; a file that is called or included has one");
        }
        if (yaml.documents[0].damaged) return;
        // Reading it may make the library grow: no reference into it is held.
        auto unit = read_unit(yaml, yaml.documents[0], Role::Library, name, Unit(callees_[index]), index);
        callees_[index] = std::move(unit);
    }

    // ---- merged configuration

    void finish(std::vector<Unit>& units, std::vector<Workflow>& workflows) {
        std::vector<Config> merged;
        for (const auto& unit : units)
            merged.push_back(merged_config(unit));
        for (std::size_t i = 0; i < units.size(); ++i) {
            auto& workflow = workflows.emplace_back();
            // The layers stay: the other list's configurations are made from them.
            workflow = std::move(units[i].read.workflow);
            workflow.own_rules = units[i].read.layer.config.rules;
            workflow.config = std::move(merged[i]);
            if (options_.http_debug) workflow.config.http_debug = true;
        }
    }

    Config merged_config(const Unit& unit) {
        std::vector<const ConfigLayer*> own;
        for (const auto* included : included_units(unit, callees_))
            own.push_back(&included->read.layer);
        own.push_back(&unit.read.layer);
        std::vector<const ConfigLayer*> base{&config_.base};
        if (profile_ != nullptr) base.push_back(profile_);
        const ConfigLayer* chooser = nullptr;
        for (const auto* layer : base)
            if (layer->presets) chooser = layer;
        for (const auto* layer : own)
            if (layer->presets) chooser = layer;
        std::vector<const Config*> layers;
        for (const auto* layer : base)
            layers.push_back(&layer->config);
        if (chooser != nullptr) add_presets(unit, *chooser, layers);
        std::vector<VariableRule> rules;
        for (const auto* layer : layers)
            merge_rules(rules, layer->rules);
        merge_rules(rules, unit.read.layer.config.rules);
        for (const auto* layer : own)
            layers.push_back(&layer->config);
        auto merged = merge_configs(layers);
        merged.rules = std::move(rules);
        return merged;
    }

    void add_presets(const Unit& unit, const ConfigLayer& chooser, std::vector<const Config*>& layers) {
        for (const auto& preset : *chooser.presets) {
            if (const auto* layer = find(config_.presets, preset.name)) {
                layers.push_back(&layer->config);
                continue;
            }
            auto message = config_.name.empty()
                               ? "no preset " + shown(preset.name) + ": there is no config file"
                               : "unknown preset " + shown(preset.name) +
                                     suggestion(preset.name, names(config_.presets));
            const auto& file = file_names_[preset.place.file];
            problems_.add(
                {file, file == unit.file ? unit.document : 1, preset.path, preset.place, std::move(message)});
        }
    }

    const LoadOptions& options_;
    std::filesystem::path directory_;
    Problems problems_;
    ConfigFile config_;
    const ConfigLayer* profile_ = nullptr;  ///< in config_
    std::vector<Unit> documents_;
    std::vector<Unit> callees_;
    std::vector<std::string> file_names_;
    std::unordered_map<std::string, std::uint32_t> file_indexes_;
    std::unordered_map<std::string, std::size_t> library_indexes_;  ///< by full path
};

}  // namespace

bool is_config_file_name(const std::filesystem::path& file) {
    auto name = file.filename().generic_string();
    return std::find(config_file_names.begin(), config_file_names.end(), name) != config_file_names.end();
}

WorkflowSet load_workflows(const std::vector<std::string>& files, const LoadOptions& options) {
    return Loader(options).load(files);
}

}  // namespace relux::workflow
