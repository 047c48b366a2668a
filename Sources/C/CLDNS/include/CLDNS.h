#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <ldns/ldns.h>

/// Sends a query in wire form to a numeric address, and receives the answer that carries the query's identifier.
///
/// Returns the answer's length, or a negated errno value. The whole exchange takes no longer than `milliseconds`.
/// libldns's own I/O accepts datagrams from anybody, notices no closed port, and can be held up byte by byte over TCP.
int landfall_dns_exchange(const char *address, uint16_t port, bool tcp, const uint8_t *query, size_t length,
                          uint8_t *answer, size_t capacity, int milliseconds);

/// Connects to a numeric address over TCP; a descriptor, or a negated errno value.
int landfall_dns_connect(const char *address, uint16_t port, int milliseconds);

/// Sends one message in wire form over such a connection; 0, or a negated errno value.
int landfall_dns_send(int descriptor, const uint8_t *message, size_t length, int milliseconds);

/// Receives the next one; its length, or a negated errno value.
int landfall_dns_receive(int descriptor, uint8_t *message, size_t capacity, int milliseconds);
