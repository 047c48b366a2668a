#include "CCrypto.h"
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static BIO *bio_over(const void *bytes, size_t length) {
    return length > INT_MAX ? NULL : BIO_new_mem_buf(bytes, (int)length);
}

// A loop over PEM blocks ends well only here; any other error is a block that cannot be read.
static int no_more_blocks(void) {
    unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static int read_time(const ASN1_TIME *time, int64_t *seconds) {
    struct tm fields;
    if (time == NULL || ASN1_TIME_to_tm(time, &fields) != 1) {
        return 0;
    }
    *seconds = timegm(&fields);
    return 1;
}

static int is_one_line(const ASN1_IA5STRING *name) {
    const void *bytes = ASN1_STRING_get0_data(name);
    size_t length = (size_t)ASN1_STRING_length(name);
    return memchr(bytes, '\n', length) == NULL && memchr(bytes, 0, length) == NULL;
}

static char *read_names(const X509 *certificate) {
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    BIO *lines = BIO_new(BIO_s_mem());
    char *text = NULL, *copy = NULL;
    if (lines != NULL) {
        for (int index = 0; names != NULL && index < sk_GENERAL_NAME_num(names); index++) {
            const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
            if (name->type == GEN_DNS && is_one_line(name->d.dNSName)) {
                BIO_write(lines, ASN1_STRING_get0_data(name->d.dNSName), ASN1_STRING_length(name->d.dNSName));
                BIO_write(lines, "\n", 1);
            }
        }
        long length = BIO_get_mem_data(lines, &text);
        copy = malloc((size_t)length + 1);
        if (copy != NULL) {
            memcpy(copy, text != NULL ? text : "", (size_t)length);
            copy[length] = 0;
        }
    }
    GENERAL_NAMES_free(names);
    BIO_free(lines);
    return copy;
}

static int digest_key(X509_PUBKEY *key, unsigned char sha256[32]) {
    unsigned int length = 0;
    return ASN1_item_digest(ASN1_ITEM_rptr(X509_PUBKEY), EVP_sha256(), key, sha256, &length) == 1 && length == 32;
}

static void read_authority_key(const X509 *leaf, landfall_certificate *out) {
    AUTHORITY_KEYID *authority = X509_get_ext_d2i(leaf, NID_authority_key_identifier, NULL, NULL);
    if (authority != NULL && authority->keyid != NULL) {
        size_t length = (size_t)ASN1_STRING_length(authority->keyid);
        if (length <= sizeof out->authority_key) {
            memcpy(out->authority_key, ASN1_STRING_get0_data(authority->keyid), length);
            out->authority_key_length = length;
        }
    }
    AUTHORITY_KEYID_free(authority);
}

static void read_serial(const X509 *leaf, landfall_certificate *out) {
    // So short a value has a tag of one octet and a length of one before it.
    unsigned char der[sizeof out->serial + 2], *end = der;
    int length = i2d_ASN1_INTEGER(X509_get0_serialNumber(leaf), NULL);
    if (length > 2 && (size_t)length <= sizeof der && i2d_ASN1_INTEGER(X509_get0_serialNumber(leaf), &end) == length) {
        out->serial_length = (size_t)length - 2;
        memcpy(out->serial, der + 2, out->serial_length);
    }
}

static int read_leaf(const X509 *leaf, landfall_certificate *out) {
    unsigned int length = 0;
    out->dns_names = read_names(leaf);
    read_authority_key(leaf, out);
    read_serial(leaf, out);
    return digest_key(X509_get_X509_PUBKEY(leaf), out->key_sha256) && out->dns_names != NULL &&
           read_time(X509_get0_notBefore(leaf), &out->not_before) &&
           read_time(X509_get0_notAfter(leaf), &out->not_after) &&
           X509_digest(leaf, EVP_sha256(), out->sha256, &length) == 1 && length == sizeof out->sha256;
}

landfall_pem_result landfall_certificate_read(const void *pem, size_t length, landfall_certificate *out) {
    BIO *bio = bio_over(pem, length);
    X509 *certificate;
    int readable = 1;
    memset(out, 0, sizeof *out);
    ERR_clear_error();
    while (readable && bio != NULL && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        readable = out->count > 0 || read_leaf(certificate, out);
        out->count += 1;
        X509_free(certificate);
    }
    landfall_pem_result result = readable && bio != NULL && no_more_blocks() ? LANDFALL_PEM_GOOD : LANDFALL_PEM_BROKEN;
    if (result == LANDFALL_PEM_GOOD && out->count == 0) {
        result = LANDFALL_PEM_ABSENT;
    }
    if (result != LANDFALL_PEM_GOOD) {
        landfall_certificate_free(out);
    }
    BIO_free(bio);
    ERR_clear_error();
    return result;
}

void landfall_certificate_free(landfall_certificate *certificate) {
    free(certificate->dns_names);
    memset(certificate, 0, sizeof *certificate);
}

// Without a callback of ours, OpenSSL would ask the terminal.
static int refuse_password(char *buffer, int size, int writing, void *asked) {
    (void)buffer, (void)size, (void)writing;
    *(int *)asked = 1;
    return 0;
}

// PEM_read_bio_PrivateKey tells a text without a key and one with a damaged key by the same error.
static int has_key_block(BIO *bio, int *asked) {
    unsigned char *bytes = NULL;
    long length = 0;
    ERR_clear_error();
    if (BIO_reset(bio) < 0) {
        return 0;
    }
    int found = PEM_bytes_read_bio(&bytes, &length, NULL, PEM_STRING_EVP_PKEY, bio, refuse_password, asked);
    OPENSSL_clear_free(bytes, found ? (size_t)length : 0);
    return found || !no_more_blocks();
}

static int digest_own_key(EVP_PKEY *key, unsigned char sha256[32]) {
    X509_PUBKEY *public = NULL;
    int digested = X509_PUBKEY_set(&public, key) == 1 && digest_key(public, sha256);
    X509_PUBKEY_free(public);
    return digested;
}

landfall_pem_result landfall_key_read(const void *pem, size_t length, unsigned char key_sha256[32]) {
    BIO *bio = bio_over(pem, length);
    int asked = 0;
    landfall_pem_result result = LANDFALL_PEM_GOOD;
    ERR_clear_error();
    EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, refuse_password, &asked) : NULL;
    if (asked) {
        result = LANDFALL_PEM_ENCRYPTED;
    } else if (key == NULL) {
        result = bio != NULL && !has_key_block(bio, &asked) ? LANDFALL_PEM_ABSENT : LANDFALL_PEM_BROKEN;
    } else if (!digest_own_key(key, key_sha256)) {
        result = LANDFALL_PEM_BROKEN;
    }
    EVP_PKEY_free(key);
    BIO_free(bio);
    ERR_clear_error();
    return result;
}
