#define SIMDJSON_EXCEPTIONS 0
#include "CSimdJSON.h"
#include <memory>
#include <new>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

using namespace simdjson;

static_assert(LANDFALL_JSON_PADDING >= SIMDJSON_PADDING, "a line needs more readable bytes after it");

/// simdjson's buffers are made for a length, and are thirteen times as large. Longer lines are rare: the memory for one is
/// given back with the next.
static const size_t usual_length = 16 << 10;

struct landfall_event_reader {
    std::vector<std::string> attributes;
    size_t limit;
    std::unique_ptr<dom::parser> parser;

    error_code make_room(size_t length) {
        size_t wanted = length <= usual_length ? usual_length : limit;
        if (parser && parser->capacity() == wanted) return SUCCESS;
        parser.reset(new (std::nothrow) dom::parser());
        return parser ? parser->allocate(wanted) : MEMALLOC;
    }
};

/// Nothing where the field is absent or null; an error where it is of another type.
template <typename Value>
static error_code read(const dom::object &object, std::string_view key, std::optional<Value> &value) {
    dom::element element;
    error_code error = object[key].get(element);
    if (error == NO_SUCH_FIELD || (!error && element.is_null())) return SUCCESS;
    return error ? error : element.get(value.emplace());
}

static landfall_text text(const std::optional<std::string_view> &view) {
    return view ? landfall_text{view->data(), view->size()} : landfall_text{nullptr, 0};
}

static error_code read_attributes(const landfall_event_reader *reader, const dom::object &object, landfall_text *values) {
    for (const std::string &name : reader->attributes) {
        std::optional<std::string_view> value;
        SIMDJSON_TRY(read(object, name, value));
        *values++ = text(value);
    }
    return SUCCESS;
}

static error_code read_event(landfall_event_reader *reader, const uint8_t *line, size_t length, landfall_event *event,
                             landfall_text *values) {
    if (length > reader->limit) return CAPACITY;
    SIMDJSON_TRY(reader->make_room(length));
    dom::object top;
    SIMDJSON_TRY(reader->parser->parse(line, length, false).get(top));
    std::optional<std::string_view> type, action, id;
    std::optional<int64_t> nanoseconds;
    std::optional<dom::object> actor, attributes;
    SIMDJSON_TRY(read(top, "Type", type));
    SIMDJSON_TRY(read(top, "Action", action));
    SIMDJSON_TRY(read(top, "timeNano", nanoseconds));
    if (!type || !action) return NO_SUCH_FIELD;
    SIMDJSON_TRY(read(top, "Actor", actor));
    if (actor) {
        SIMDJSON_TRY(read(*actor, "ID", id));
        SIMDJSON_TRY(read(*actor, "Attributes", attributes));
    }
    for (size_t index = 0; index < reader->attributes.size(); index++) values[index] = {nullptr, 0};
    if (attributes) SIMDJSON_TRY(read_attributes(reader, *attributes, values));
    *event = {text(type), text(action), text(id), nanoseconds.value_or(0)};
    return SUCCESS;
}

landfall_event_reader *landfall_event_reader_make(const char *const *attributes, size_t count, size_t limit) {
    auto reader = new (std::nothrow) landfall_event_reader();
    if (!reader) return nullptr;
    reader->attributes.assign(attributes, attributes + count);
    reader->limit = limit > usual_length ? limit : usual_length;
    return reader;
}

void landfall_event_reader_free(landfall_event_reader *reader) {
    delete reader;
}

bool landfall_read_event(landfall_event_reader *reader, const uint8_t *line, size_t length, landfall_event *event,
                         landfall_text *attributes) {
    return read_event(reader, line, length, event, attributes) == SUCCESS;
}
