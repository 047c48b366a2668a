#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What comes next in a document.
enum {
    LANDFALL_DOCUMENT_END,
    LANDFALL_DOCUMENT_TEXT,
    LANDFALL_DOCUMENT_ALIAS,
    LANDFALL_DOCUMENT_LIST,
    LANDFALL_DOCUMENT_LIST_END,
    LANDFALL_DOCUMENT_MAP,
    LANDFALL_DOCUMENT_MAP_END,
    /// The text says what is wrong.
    LANDFALL_DOCUMENT_ERROR,
};

/// Its texts belong to the document until the next event is read; `text` and `anchor` are NULL where there is none.
typedef struct {
    int kind;
    const char *text;
    size_t count;
    const char *anchor;
    /// Without quotes, and so perhaps a value of another kind.
    bool is_plain;
    /// From 1; 0 where it is not known.
    size_t line;
} landfall_document_event;

typedef struct landfall_document landfall_document;

/// The first document of YAML, by libyaml. In a map, keys and values take turns.
///
/// - Parameter bytes: readable until the document is closed.
/// - Returns: NULL without memory.
landfall_document *landfall_yaml_open(const uint8_t *bytes, size_t count);

/// TOML, by toml++, in the same form.
landfall_document *landfall_toml_open(const uint8_t *bytes, size_t count);

/// Reads the next event. After the end, and after an error, none follows.
void landfall_document_next(landfall_document *document, landfall_document_event *event);

void landfall_document_close(landfall_document *document);

#ifdef __cplusplus
}
#endif
