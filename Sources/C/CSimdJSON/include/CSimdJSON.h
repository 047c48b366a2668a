#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// simdjson reads beyond the end of a line, without going by what is there: so many bytes must be readable.
#define LANDFALL_JSON_PADDING 64

/// Text that belongs to a reader, UTF-8, until that reads the next line; `start` is NULL where there is none.
typedef struct {
    const char *start;
    size_t count;
} landfall_text;

/// What is read of one event of a Docker engine.
typedef struct {
    landfall_text type;
    landfall_text action;
    landfall_text id;
    int64_t nanoseconds;
} landfall_event;

typedef struct landfall_event_reader landfall_event_reader;

/// - Parameters:
///   - attributes: the names of the actor's attributes that are wanted; copied.
///   - limit: the longest line, in bytes.
/// - Returns: NULL without memory.
landfall_event_reader *landfall_event_reader_make(const char *const *attributes, size_t count, size_t limit);
void landfall_event_reader_free(landfall_event_reader *reader);

/// Reads one line; false when it is no event.
///
/// Of a key that is there twice, the first counts. Numbers beyond 64 bits, or beyond a double, make no event of a line.
///
/// - Parameter attributes: has room for as many as are wanted, and gets their values in the same order.
bool landfall_read_event(landfall_event_reader *reader, const uint8_t *line, size_t length, landfall_event *event,
                         landfall_text *attributes);

#ifdef __cplusplus
}
#endif
