// The text of a YAML file before any parser sees it: is it text at all, where do its documents begin.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace relux::workflow {

/// Says what is wrong at a byte of the text.
struct TextFault {
    std::size_t offset;
    std::string message;
};

/// Skips a byte-order mark and makes every line break `\n`.
void normalize_text(std::string& text);

/// The first byte that YAML does not allow: NUL and other control bytes, no UTF-8, UTF-16.
std::optional<TextFault> find_text_fault(std::string_view text);

/// A piece of the text that holds one document: from its directives or `---` up to the next.
struct DocumentText {
    std::size_t begin;
    std::size_t end;
    bool empty;  ///< nothing but markers and comments
};
std::vector<DocumentText> split_documents(std::string_view text);

/// Where the content of a node begins: behind the tag and the anchor that may stand at `offset`.
std::size_t skip_properties(std::string_view text, std::size_t offset);

/// Whether the quoted scalar that begins at `offset` ends. True when there is no quote at all.
bool quote_ends(std::string_view text, std::size_t offset);

}  // namespace relux::workflow
