#include "CDigest.h"
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

int landfall_sha256(const void *bytes, size_t length, unsigned char digest[32]) {
    return EVP_Digest(bytes, length, digest, NULL, EVP_sha256(), NULL);
}

int landfall_hmac_sha256(
    const void *key, size_t key_length, const void *bytes, size_t length, unsigned char digest[32]) {
    return key_length <= INT_MAX && HMAC(EVP_sha256(), key, (int)key_length, bytes, length, digest, NULL) != NULL;
}
