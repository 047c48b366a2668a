#include "CEncryption.h"
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

enum { TAG = 16 };

// Some more than the 128 * N * r bytes that scrypt needs.
static uint64_t memory_limit(uint64_t n, uint64_t r, uint64_t p) { return 128 * r * (n + p + 4) + (1 << 20); }

int landfall_scrypt(
    const void *secret, size_t secret_length, const void *salt, size_t salt_length, uint64_t n, uint64_t r, uint64_t p,
    unsigned char *key, size_t key_length) {
    int done = EVP_PBE_scrypt(
        secret, secret_length, salt, salt_length, n, r, p, memory_limit(n, r, p), key, key_length);
    ERR_clear_error();
    return done == 1;
}

int landfall_aes256gcm_seal(
    const unsigned char key[32], const unsigned char nonce[12], const void *header, size_t header_length,
    const void *bytes, size_t length, unsigned char *sealed) {
    if (header_length > INT_MAX || length > INT_MAX - TAG) {
        return 0;
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int count = 0;
    int done = context != NULL && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
               EVP_EncryptUpdate(context, NULL, &count, header, (int)header_length) == 1 &&
               EVP_EncryptUpdate(context, sealed, &count, bytes, (int)length) == 1 &&
               EVP_EncryptFinal_ex(context, sealed + length, &count) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG, sealed + length) == 1;
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    return done;
}

int landfall_aes256gcm_open(
    const unsigned char key[32], const unsigned char nonce[12], const void *header, size_t header_length,
    const void *sealed, size_t length, unsigned char *bytes) {
    if (header_length > INT_MAX || length > INT_MAX || length < TAG) {
        return 0;
    }
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const unsigned char *tag = (const unsigned char *)sealed + length - TAG;
    int count = 0;
    int done = context != NULL && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
               EVP_DecryptUpdate(context, NULL, &count, header, (int)header_length) == 1 &&
               EVP_DecryptUpdate(context, bytes, &count, sealed, (int)(length - TAG)) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG, (void *)tag) == 1 &&
               EVP_DecryptFinal_ex(context, bytes + length - TAG, &count) == 1;
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    return done;
}

int landfall_random(unsigned char *bytes, size_t length) {
    return length <= INT_MAX && RAND_bytes(bytes, (int)length) == 1;
}
