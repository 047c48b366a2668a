#pragma once
#include <stddef.h>

// What else Landfall asks of OpenSSL's libcrypto: digests of what it sends.

/// SHA-256 (FIPS 180-4). 1 on success.
int landfall_sha256(const void *bytes, size_t length, unsigned char digest[32]);

/// HMAC-SHA-256 (RFC 2104). 1 on success.
int landfall_hmac_sha256(
    const void *key, size_t key_length, const void *bytes, size_t length, unsigned char digest[32]);
