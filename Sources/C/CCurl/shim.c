#include "CCurl.h"
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

CURLcode landfall_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode landfall_curl_set_string(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode landfall_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode landfall_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

CURLcode landfall_curl_set_post_body(CURL *handle, const void *bytes, long count) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, count);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes);
}

CURLcode landfall_curl_set_write(CURL *handle, curl_write_callback callback, void *context) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, callback);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
}

CURLcode landfall_curl_set_header(CURL *handle, curl_write_callback callback, void *context) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, callback);
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

CURLcode landfall_curl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *context) {
    CURLcode result = curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, callback);
    if (result == CURLE_OK) {
        result = curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
    }
    return result != CURLE_OK ? result : curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
}

CURLcode landfall_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

CURLcode landfall_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

CURL *landfall_curl_done(const CURLMsg *message, CURLcode *result) {
    if (message->msg != CURLMSG_DONE) {
        return NULL;
    }
    *result = message->data.result;
    return message->easy_handle;
}

static char *first_certificate(CURL *handle, long *length) {
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == NULL || chain->num_of_certs < 1) {
        return NULL;
    }
    static const char key[] = "Cert:";
    for (struct curl_slist *field = chain->certinfo[0]; field != NULL; field = field->next) {
        if (strncmp(field->data, key, sizeof key - 1) == 0) {
            char *pem = strdup(field->data + sizeof key - 1);
            *length = pem != NULL ? (long)strlen(pem) : 0;
            return pem;
        }
    }
    return NULL;
}

char *landfall_curl_peer_certificate(const char *url, const char *target, long milliseconds, long *length,
                                     CURLcode *result) {
    CURL *handle = curl_easy_init();
    struct curl_slist *targets = curl_slist_append(NULL, target);
    char *pem = NULL;
    *result = CURLE_FAILED_INIT;
    if (handle != NULL && targets != NULL) {
        curl_easy_setopt(handle, CURLOPT_URL, url);
        curl_easy_setopt(handle, CURLOPT_CONNECT_TO, targets);
        curl_easy_setopt(handle, CURLOPT_CONNECT_ONLY, 1L);
        curl_easy_setopt(handle, CURLOPT_CERTINFO, 1L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(handle, CURLOPT_SSL_VERIFYHOST, 0L);
        curl_easy_setopt(handle, CURLOPT_PROXY, "");
        curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, milliseconds);
        *result = curl_easy_perform(handle);
        if (*result == CURLE_OK) {
            pem = first_certificate(handle, length);
        }
    }
    curl_easy_cleanup(handle);
    curl_slist_free_all(targets);
    return pem;
}

void landfall_curl_free(char *memory) { free(memory); }

CURLcode landfall_curl_upload(CURL *handle, const void *bytes, size_t count) {
    // libcurl reads from a file unless it is told otherwise; this one is memory, and is not written to.
    FILE *file = fmemopen((void *)bytes, count, "r");
    if (file == NULL) {
        return CURLE_OUT_OF_MEMORY;
    }
    curl_easy_setopt(handle, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(handle, CURLOPT_READDATA, file);
    curl_easy_setopt(handle, CURLOPT_INFILESIZE, (long)count);
    CURLcode result = curl_easy_perform(handle);
    fclose(file);
    return result;
}
