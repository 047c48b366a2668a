#pragma once
#include <stddef.h>
#include <stdint.h>

// What Landfall asks of OpenSSL's libcrypto: reading certificates and keys, nothing else.

typedef enum {
    LANDFALL_PEM_GOOD,
    /// No block of the wanted kind stands in the text.
    LANDFALL_PEM_ABSENT,
    /// A block is there and cannot be read: damaged, or cut short.
    LANDFALL_PEM_BROKEN,
    /// A private key that needs a password.
    LANDFALL_PEM_ENCRYPTED,
} landfall_pem_result;

typedef struct {
    /// Of the first certificate: seconds since 1970.
    int64_t not_before, not_after;
    /// Of its DER form.
    unsigned char sha256[32];
    /// Its subjectAltName dNSNames, each followed by a newline; a name that holds a newline or a NUL is left out.
    char *dns_names;
    /// Of its SubjectPublicKeyInfo in DER.
    unsigned char key_sha256[32];
    /// The keyIdentifier of its authorityKeyIdentifier (RFC 5280 §4.2.1.1); of no length where it has none.
    unsigned char authority_key[64];
    size_t authority_key_length;
    /// The content octets of its serial number in DER; of no length where they are more than RFC 5280 §4.1.2.2 allows.
    unsigned char serial[24];
    size_t serial_length;
    /// How many certificates the text holds, all of them readable.
    int count;
} landfall_certificate;

/// Reads all certificates of a PEM text. On LANDFALL_PEM_GOOD, `out` must be given to `landfall_certificate_free`.
landfall_pem_result landfall_certificate_read(const void *pem, size_t length, landfall_certificate *out);

void landfall_certificate_free(landfall_certificate *certificate);

/// Reads the first private key of a PEM text and gives the SHA-256 of its SubjectPublicKeyInfo in DER.
landfall_pem_result landfall_key_read(const void *pem, size_t length, unsigned char key_sha256[32]);
