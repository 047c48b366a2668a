#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic; these are their typed forms.
CURLcode landfall_curl_set_long(CURL *handle, CURLoption option, long value);
CURLcode landfall_curl_set_string(CURL *handle, CURLoption option, const char *value);
CURLcode landfall_curl_set_pointer(CURL *handle, CURLoption option, void *value);
CURLcode landfall_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value);
CURLcode landfall_curl_set_post_body(CURL *handle, const void *bytes, long count);
CURLcode landfall_curl_set_write(CURL *handle, curl_write_callback callback, void *context);
CURLcode landfall_curl_set_header(CURL *handle, curl_write_callback callback, void *context);
CURLcode landfall_curl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *context);
CURLcode landfall_curl_get_long(CURL *handle, CURLINFO info, long *value);
CURLcode landfall_curl_global_init(void);
/// The easy handle and result of a finished transfer, or null when `message` is of another kind.
CURL *landfall_curl_done(const CURLMsg *message, CURLcode *result);

/// The first certificate that a server shows in a TLS handshake, as PEM to be given to `landfall_curl_free`; null when none
/// came, and then `result` says why. Nothing is verified.
/// `target` is CURLOPT_CONNECT_TO's `HOST:PORT:CONNECT-HOST:CONNECT-PORT`.
char *landfall_curl_peer_certificate(const char *url, const char *target, long milliseconds, long *length,
                                     CURLcode *result);
void landfall_curl_free(char *memory);

/// Performs the transfer with these bytes as what is uploaded.
CURLcode landfall_curl_upload(CURL *handle, const void *bytes, size_t count);
