#include "CDocuments.h"

// toml++ asserts what hostile input can break, so that a failed assertion is an error like others.
#undef NDEBUG
namespace {
struct Broken {};
}  // namespace
#define TOML_ASSERT(expr) ((expr) ? void() : throw Broken{})
#define TOML_EXCEPTIONS 1
#define TOML_MAX_NESTED_VALUES 32
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>
#include <yaml.h>

#include <cstring>
#include <new>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Event {
    int kind;
    std::string text;
    bool is_plain;
};

}  // namespace

struct landfall_document {
    bool is_yaml = false;
    bool has_ended = false;
    // YAML
    yaml_parser_t parser{};
    yaml_event_t event{};
    bool has_event = false;
    // TOML: all of it is read at once.
    std::vector<Event> events;
    size_t next = 0;
    std::string error;
};

namespace {

void fail(landfall_document &document, landfall_document_event &event, std::string text, size_t line) {
    document.has_ended = true;
    document.error = std::move(text);
    event.kind = LANDFALL_DOCUMENT_ERROR;
    event.text = document.error.c_str();
    event.count = document.error.size();
    event.line = line;
}

void next_of_yaml(landfall_document &document, landfall_document_event &event) {
    for (;;) {
        if (document.has_event) {
            yaml_event_delete(&document.event);
            document.has_event = false;
        }
        if (!yaml_parser_parse(&document.parser, &document.event)) {
            const char *problem = document.parser.problem ? document.parser.problem : "it is not valid YAML";
            return fail(document, event, problem, document.parser.problem_mark.line + 1);
        }
        document.has_event = true;
        const yaml_event_t &read = document.event;
        event.line = read.start_mark.line + 1;
        switch (read.type) {
            case YAML_SCALAR_EVENT:
                event.kind = LANDFALL_DOCUMENT_TEXT;
                event.text = reinterpret_cast<const char *>(read.data.scalar.value);
                event.count = read.data.scalar.length;
                event.anchor = reinterpret_cast<const char *>(read.data.scalar.anchor);
                event.is_plain = read.data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !read.data.scalar.tag;
                return;
            case YAML_ALIAS_EVENT:
                event.kind = LANDFALL_DOCUMENT_ALIAS;
                event.anchor = reinterpret_cast<const char *>(read.data.alias.anchor);
                return;
            case YAML_SEQUENCE_START_EVENT:
                event.kind = LANDFALL_DOCUMENT_LIST;
                event.anchor = reinterpret_cast<const char *>(read.data.sequence_start.anchor);
                return;
            case YAML_SEQUENCE_END_EVENT: event.kind = LANDFALL_DOCUMENT_LIST_END; return;
            case YAML_MAPPING_START_EVENT:
                event.kind = LANDFALL_DOCUMENT_MAP;
                event.anchor = reinterpret_cast<const char *>(read.data.mapping_start.anchor);
                return;
            case YAML_MAPPING_END_EVENT: event.kind = LANDFALL_DOCUMENT_MAP_END; return;
            case YAML_DOCUMENT_END_EVENT:
            case YAML_STREAM_END_EVENT:
                document.has_ended = true;
                event.kind = LANDFALL_DOCUMENT_END;
                return;
            default: break;
        }
    }
}

// toml++ bounds how deep values are nested, and not how many tables a key with dots makes: it would end the stack.
bool is_too_deep(std::string_view text) {
    constexpr int deepest = 32;
    std::string_view end;  // of the string or comment that is open
    int dots = 0;
    for (size_t place = 0; place < text.size(); place++) {
        const char byte = text[place];
        if (!end.empty()) {
            if (byte == '\\' && end[0] == '"') {
                place++;
            } else if (text.substr(place, end.size()) == end) {
                place += end.size() - 1;
                end = {};
            } else if (byte == '\n' && end.size() == 1) {
                end = {};
            }
        } else if (byte == '"' || byte == '\'') {
            const std::string_view triple = byte == '"' ? "\"\"\"" : "'''";
            const bool is_long = text.substr(place, 3) == triple;
            end = triple.substr(0, is_long ? 3 : 1);
            if (is_long) place += 2;
        } else if (byte == '#') {
            end = "\n";
            dots = 0;
        } else if (byte == '\n' || byte == '=' || byte == ',' || byte == '{') {
            dots = 0;
        } else if (byte == '.' && ++dots > deepest) {
            return true;
        }
    }
    return false;
}

void add(const toml::node &node, std::vector<Event> &events) {
    if (const toml::table *table = node.as_table()) {
        events.push_back({LANDFALL_DOCUMENT_MAP, {}, false});
        for (const auto &[key, value] : *table) {
            events.push_back({LANDFALL_DOCUMENT_TEXT, std::string{key.str()}, false});
            add(value, events);
        }
        events.push_back({LANDFALL_DOCUMENT_MAP_END, {}, false});
    } else if (const toml::array *array = node.as_array()) {
        events.push_back({LANDFALL_DOCUMENT_LIST, {}, false});
        for (const toml::node &item : *array) add(item, events);
        events.push_back({LANDFALL_DOCUMENT_LIST_END, {}, false});
    } else if (const auto *text = node.as_string()) {
        events.push_back({LANDFALL_DOCUMENT_TEXT, text->get(), false});
    } else if (const auto *number = node.as_integer()) {
        events.push_back({LANDFALL_DOCUMENT_TEXT, std::to_string(number->get()), false});
    } else if (const auto *flag = node.as_boolean()) {
        events.push_back({LANDFALL_DOCUMENT_TEXT, flag->get() ? "true" : "false", false});
    } else if (const auto *number = node.as_floating_point()) {
        events.push_back({LANDFALL_DOCUMENT_TEXT, std::to_string(number->get()), false});
    } else {
        // Dates, which nothing here takes.
        events.push_back({LANDFALL_DOCUMENT_TEXT, "a date", false});
    }
}

}  // namespace

landfall_document *landfall_yaml_open(const uint8_t *bytes, size_t count) {
    auto *document = new (std::nothrow) landfall_document;
    if (!document) return nullptr;
    document->is_yaml = true;
    if (!yaml_parser_initialize(&document->parser)) {
        delete document;
        return nullptr;
    }
    yaml_parser_set_input_string(&document->parser, bytes, count);
    yaml_parser_set_encoding(&document->parser, YAML_UTF8_ENCODING);
    return document;
}

landfall_document *landfall_toml_open(const uint8_t *bytes, size_t count) {
    auto *document = new (std::nothrow) landfall_document;
    if (!document) return nullptr;
    try {
        const std::string_view text{reinterpret_cast<const char *>(bytes), count};
        if (is_too_deep(text)) {
            document->error = "it is nested too deep";
            return document;
        }
        add(toml::parse(text), document->events);
    } catch (const toml::parse_error &error) {
        document->error = std::string{error.description()};
        document->next = error.source().begin.line;
    } catch (...) {
        document->error = "it is not valid TOML";
    }
    return document;
}

void landfall_document_next(landfall_document *document, landfall_document_event *event) {
    *event = landfall_document_event{};
    if (document->has_ended) return;
    if (document->is_yaml) return next_of_yaml(*document, *event);
    if (!document->error.empty()) return fail(*document, *event, document->error, document->next);
    if (document->next == document->events.size()) {
        document->has_ended = true;
        return;
    }
    const Event &read = document->events[document->next++];
    event->kind = read.kind;
    if (read.kind == LANDFALL_DOCUMENT_TEXT) {
        event->text = read.text.c_str();
        event->count = read.text.size();
    }
}

void landfall_document_close(landfall_document *document) {
    if (!document) return;
    if (document->has_event) yaml_event_delete(&document->event);
    if (document->is_yaml) yaml_parser_delete(&document->parser);
    delete document;
}
