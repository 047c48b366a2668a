#pragma once
#include <stddef.h>
#include <stdint.h>

// What else Landfall asks of OpenSSL's libcrypto: encryption with a key of the owner's. Each returns 1 on success.

/// scrypt (RFC 7914) with the cost N, the block size r and the parallelization p.
int landfall_scrypt(
    const void *secret, size_t secret_length, const void *salt, size_t salt_length, uint64_t n, uint64_t r, uint64_t p,
    unsigned char *key, size_t key_length);

/// AES-256-GCM (NIST SP 800-38D). `sealed` has room for `length` bytes and the tag of 16.
int landfall_aes256gcm_seal(
    const unsigned char key[32], const unsigned char nonce[12], const void *header, size_t header_length,
    const void *bytes, size_t length, unsigned char *sealed);

/// The way back. `length` is that of `sealed`, and `bytes` has room for 16 less. 0 also if the tag does not fit.
int landfall_aes256gcm_open(
    const unsigned char key[32], const unsigned char nonce[12], const void *header, size_t header_length,
    const void *sealed, size_t length, unsigned char *bytes);

/// Bytes that cannot be guessed.
int landfall_random(unsigned char *bytes, size_t length);
